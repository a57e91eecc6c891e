/** A thread with sockets of each kind, for test/actor/threads/cut-off.test.ts; it reports their ports and what it receives. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { nativeThreads } from '../../../src/threads/native/native-threads.js';

export interface CutWorkerUp {
  readonly loop: number;
  readonly udpPort: number;
  readonly tcpPort: number;
}

const udp = createSocket('udp4');
udp.bind(0, '127.0.0.1');
await once(udp, 'listening');
const taken: Socket[] = [];
const tcp = createServer((socket) => {
  taken.push(socket);
  socket.on('error', () => {});
  socket.on('data', (bytes) => socket.write(bytes));
});
tcp.listen(0, '127.0.0.1');
await once(tcp, 'listening');
udp.on('message', () => parentPort?.postMessage('heard'));
udp.on('error', () => {});
tcp.on('error', () => {});

/** Proves that the loop still works: opens and uses new sockets, and answers. */
async function prove(): Promise<void> {
  const [from, to] = [createSocket('udp4'), createSocket('udp4')];
  to.bind(0, '127.0.0.1');
  await once(to, 'listening');
  from.send('x', to.address().port, '127.0.0.1');
  // The socket that was cut off sends nothing any more, with or without an error.
  udp.send('x', 9, '127.0.0.1', () => {});
  await once(to, 'message');
  from.close();
  to.close();
  parentPort?.postMessage('whole');
}

parentPort?.on('message', (order: 'prove' | 'end') => {
  if (order === 'prove') return void prove();
  udp.close();
  tcp.close();
  for (const socket of taken) socket.destroy();
  parentPort?.close();
});
const address = tcp.address();
if (address === null || typeof address === 'string') throw new Error('no TCP port');
const up: CutWorkerUp = {
  loop: nativeThreads()?.loopDescriptor() ?? -1,
  udpPort: udp.address().port,
  tcpPort: address.port,
};
parentPort?.postMessage(up);
