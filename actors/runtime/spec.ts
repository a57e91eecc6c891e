import { parentPort } from 'node:worker_threads';
import type { StreamSpec } from '../contract.js';

/**
 * Resolves with the stream that this thread is for, or null: it is for none. The port that it comes by does not keep the thread
 * alive after that.
 */
export const receiveSpec = (): Promise<StreamSpec | null> =>
  new Promise((resolve) => parentPort?.once('message', resolve));
