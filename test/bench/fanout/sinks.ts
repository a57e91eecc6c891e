/**
 * A process of UDP sockets that nobody reads: the kernel does all its work for them, and the machine's cores are left to
 * the sender. Prints their ports, and then stands still until it is killed.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeSync } from 'node:fs';

const count = Number(process.argv[2]);
const ports: number[] = [];
for (let n = 0; n < count; n += 1) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  ports.push(socket.address().port);
}
writeSync(1, `${JSON.stringify(ports)}\n`);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
