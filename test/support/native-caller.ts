/** A worker that enters node-av's guard, without any node-av, when it is told to. */
import { parentPort, workerData } from 'node:worker_threads';
import { createBeat } from '../../actors/runtime/beat.js';

const block: SharedArrayBuffer = workerData;
const { guard } = createBeat(block);

parentPort?.on('message', () => {
  guard.enter();
  guard.leave();
  parentPort?.postMessage('out again');
});
parentPort?.postMessage('up');
