/** What is left of the memory of JavaScript when nobody needs the rest. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const turns = 10;
export const collectGarbage: () => void = runInNewContext('gc');

/** Objects, strings and buffers of this thread, collected before. */
export async function keptNowBytes(): Promise<number> {
  // Sockets that are closing go in turns of the loop.
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  collectGarbage();
  // The buffers of what was collected are given back beside the thread, and before the next collection.
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
