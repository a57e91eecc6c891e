/** What V8 must do for the threads of this process: set before the first of them starts, since it holds for all later ones. */
import { setFlagsFromString } from 'node:v8';

/**
 * The limit of V8 for the heap of a thread, MiB: so high that the thread's own budget or the watchdog is there before. Near its
 * limit V8 ends a thread of some shapes, and the whole process by others (docs/reliability.md 2.2).
 */
export const heapLimitMb = 2048;

/** From here on V8 unrolls loops in the phase of its compiler that may leave the look at interrupts out of them. */
const unrollingNode = 24;

/**
 * Threads can collect their garbage before they judge what they hold (actors/runtime/memory-watch.ts), and each of their loops can be
 * ended (docs/reliability.md 2.2).
 */
export function prepareEngine(): void {
  setFlagsFromString('--expose-gc');
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= unrollingNode) setFlagsFromString('--no-turboshaft-loop-unrolling');
}
