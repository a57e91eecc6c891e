/** The process of flood.ts. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import type { Flooded, FloodOptions } from './flood.js';

const turnMs = 2;
/** What a process that did not get its core is late by is not made up for at once. */
const mostLateMs = 100;

/** It stands for another machine, which does not wait for a core of the server's. Who is not root does without. */
try {
  setPriority(-10);
} catch {}

const { port, perSecond }: FloodOptions = JSON.parse(process.argv[2] ?? '');
const socket = createSocket('udp4');
socket.connect(port, '127.0.0.1');
await once(socket, 'connect');

let [sent, due, heardBytes, lastMs] = [0, 0, 0, performance.now()];
let datagrams: readonly Buffer[] = [];
socket.on('message', ({ length }) => {
  heardBytes += length;
});
// Of a server that ended: the bench fails by itself.
socket.on('error', () => {});

setInterval(() => {
  const nowMs = performance.now();
  due += (Math.min(nowMs - lastMs, mostLateMs) * perSecond) / 1000;
  lastMs = nowMs;
  if (datagrams.length === 0) due = 0;
  for (; due >= 1; due -= 1, sent += 1) socket.send(datagrams[sent % datagrams.length] ?? '');
}, turnMs);

process.on('message', (message: readonly Buffer[] | 'end') => {
  if (message !== 'end') {
    datagrams = message;
    return;
  }
  const flooded: Flooded = { sent, heardBytes };
  process.send?.(flooded);
});
process.once('disconnect', () => process.exit(0));
