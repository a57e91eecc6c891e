import { parentPort } from 'node:worker_threads';
import type { StreamSpec } from '../contract.js';

/** Resolves with the stream that this thread is for; the port that it comes by does not keep the thread alive after that. */
export const receiveSpec = (): Promise<StreamSpec> => new Promise((resolve) => parentPort?.once('message', resolve));
