/**
 * Kills this process after a time, whatever it does then: process.exit runs what was registered for it, and waits for
 * threads; a loop in there, or on the main thread, stops every timer of it. This one is another thread's.
 */
import { Worker } from 'node:worker_threads';

const source = `
const { workerData } = require('node:worker_threads');
setTimeout(() => process.kill(process.pid, 'SIGKILL'), workerData);
`;

/** The process must not live longer than `afterMs` from now. A system that has no thread left leaves it unarmed. */
export function armLastResort(afterMs: number): void {
  try {
    const watch = new Worker(source, { eval: true, workerData: afterMs, stdout: true, stderr: true });
    watch.on('error', () => {});
    watch.unref();
  } catch {
    // The timers of the main thread are what is left.
  }
}
