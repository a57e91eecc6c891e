/** A thread with a share in the one port of all streams, for test/actor/threads/cut-off-inbox.test.ts; it tells what it hears. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { loadNativeReceiver } from '../../../actors/transport/native-receiver.js';
import { nativeThreads } from '../../../src/threads/native/native-threads.js';

export interface InboxWorkerUp {
  readonly loop: number;
  readonly inbox: number;
}

const threads = nativeThreads() ?? assert.fail('the add-on of threads was not built');
const Native = loadNativeReceiver() ?? assert.fail('the add-on of the fan-out was not built');
const singlePort: number = workerData;
const heard = (): void => parentPort?.postMessage('heard');
const native = new Native(
  new Uint8Array(new SharedArrayBuffer(64)),
  heard,
  () => {},
  () => {},
);
const inbox = threads.openInbox();
const sockets = [
  native.openInbox(threads.copyInbox(inbox)),
  native.openShared('127.0.0.1', singlePort, 1_048_576),
] as const;

/** What has come by now is heard before it answers. */
async function answer(): Promise<void> {
  for (const _turn of ['this one', 'the next']) await turn();
  parentPort?.postMessage('whole');
}

parentPort?.on('message', (order: 'answer' | 'end') => {
  if (order === 'answer') return void answer();
  for (const socket of sockets) native.close(socket);
  parentPort?.close();
});
const up: InboxWorkerUp = { loop: threads.loopDescriptor(), inbox };
await turn();
await turn();
parentPort?.postMessage(up);
