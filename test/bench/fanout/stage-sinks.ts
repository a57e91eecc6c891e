/** A thread with sockets that nobody reads: takes over these ports, says so, and stands still. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';

const ports: readonly number[] = workerData;
for (const port of ports) {
  const socket = createSocket({ type: 'udp4', reuseAddr: true }).bind(port, '127.0.0.1');
  await once(socket, 'listening');
}
parentPort?.postMessage('bound');
// In another turn: the message has to leave first.
setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 10);
