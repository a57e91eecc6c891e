/** A worker that enters node-av's guard, without any node-av, when it is told to. */
import { parentPort, workerData } from 'node:worker_threads';
import { createBeat } from '../../../actors/runtime/beat.js';
import { beatWords } from '../../../src/core/supervise/beat-block.js';

const block: SharedArrayBuffer = workerData;
const { guard } = createBeat(block);
const stayMs = 1000;

parentPort?.on('message', (order: 'enter' | 'stay') => {
  guard.enter();
  // Until somebody condemns it: nothing wakes it.
  if (order === 'stay') Atomics.wait(new Int32Array(block), beatWords.condemned, 0, stayMs);
  guard.leave();
  parentPort?.postMessage('out again');
});
parentPort?.postMessage('up');
