/** `forger OWN_PORT SERVER_PORT ROUNDS` sends from the viewer's address what a stranger can make up, and says how many. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { serverAddress, viewerAddress } from './forged-network.js';

const [own = '', server = '', rounds = ''] = process.argv.slice(2);

/** A DTLS record (RFC 6347 4.1). */
function record(type: number, body: readonly number[], epoch = 0): Buffer {
  return Buffer.from([type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 99, 0, body.length, ...body]);
}

const hello = [1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, ...Array<number>(42).fill(0)];
const forged = [
  // Alerts: close_notify, handshake_failure, and one that says it is encrypted.
  record(21, [1, 0]),
  record(21, [2, 40]),
  record(21, [1, 0], 1),
  record(22, hello),
  record(22, Array<number>(48).fill(7), 1),
  record(20, [1]),
  record(23, [1, 2, 3], 1),
  // RTCP: a BYE, a receiver report, a REMB and a request for keyframes, none of them authentic.
  Buffer.from([0x81, 203, 0, 1, ...Array<number>(4).fill(1)]),
  Buffer.from([0x81, 201, 0, 7, ...Array<number>(28).fill(2)]),
  Buffer.from([0x8f, 206, 0, 5, ...Array<number>(20).fill(3)]),
  Buffer.from([0x81, 206, 0, 2, ...Array<number>(24).fill(4)]),
  // RTP, and a binding request without a name.
  Buffer.from([0x80, 102, ...Array<number>(60).fill(5)]),
  Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...Array<number>(12).fill(6)]),
  Buffer.alloc(1200, 0xff),
];

/** A socket of a busy machine has room for some rounds. */
const paceMs = 4;

const socket = createSocket('udp4').bind(Number(own), viewerAddress);
await once(socket, 'listening');
let sent = 0;
for (let round = 0; round < Number(rounds); round += 1) {
  for (const datagram of forged) {
    socket.send(datagram, Number(server), serverAddress);
    sent += 1;
  }
  await delay(paceMs);
}
console.log(JSON.stringify({ sent }));
socket.close();
