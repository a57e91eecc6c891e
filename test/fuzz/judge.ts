/** One input for one target: what it may throw, how long it may take, and how much memory. */
import { getHeapStatistics } from 'node:v8';
import { WireError } from '../../src/core/bytes/wire-error.js';
import { collectGarbage } from '../support/kept-memory.js';
import type { FuzzTarget } from './targets/target.js';

const defaultMaxMs = 50;
const maxExtraBytes = 16 * 1024 * 1024;
/** A garbage collection or a busy machine is not the input's fault: what was too much once is tried again. */
const tries = 5;

const heldBytes = (): number => {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
};

/** Throws on a finding. */
export function judge(target: FuzzTarget, bytes: Uint8Array): void {
  let complaint = measure(target, bytes);
  for (let again = 1; complaint !== null && again < tries; again += 1) {
    collectGarbage();
    complaint = measure(target, bytes);
  }
  if (complaint !== null) throw new Error(complaint);
}

/** Null when the input cost no more than it may. */
function measure({ run, maxMs = defaultMaxMs }: FuzzTarget, bytes: Uint8Array): string | null {
  const beforeBytes = heldBytes();
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
  try {
    run(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  const { user, system } = process.cpuUsage(startCpu);
  // Of its own: without the time in which others had the core, and without what other threads of V8 did meanwhile.
  const tookMs = Math.min(performance.now() - startMs, (user + system) / 1000);
  const extraBytes = heldBytes() - beforeBytes;
  if (tookMs > maxMs) return `${tookMs.toFixed(0)} ms for ${bytes.length} bytes`;
  return extraBytes > maxExtraBytes ? `${extraBytes} bytes of memory for ${bytes.length} bytes` : null;
}
