import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { HttpReply } from '../../src/server/http.js';
import type { Route } from '../../src/server/router.js';
import { askAt } from '../support/server/asking.js';
import { until, within } from '../support/until.js';
import { type ServerStage, startStage } from './stage.js';

/** More than the kernel holds for a connection of loopback. */
const body = Buffer.alloc(24_000_000, 'what comes in its order ');
let answered = 0;
let stage: ServerStage;

const answering = (route: Route, reply: HttpReply): Route => ({
  ...route,
  handle: () => {
    answered += 1;
    return reply;
  },
});
const others: Readonly<Record<string, HttpReply>> = {
  '/openapi.json': { status: 200, body },
  '/healthz': { status: 200, body: body.toString('latin1', 0, 20_000_000) },
  '/readyz': { status: 200, body: 'short' },
};

before(async () => {
  stage = await startStage({
    wrapRoutes: (routes) =>
      routes.map((route) => {
        const reply = others[route.path];
        return reply === undefined ? route : answering(route, reply);
      }),
  });
});
after(() => stage.end());

async function open(): Promise<Socket> {
  const socket = connect(stage.server.restPort, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
const ask = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`;

/** What comes behind the head of the answer, read at a pause each MB. */
async function readSlowly(socket: Socket, sizeBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of socket) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > sizeBytes) break;
    if (chunks.length % 16 === 0) await delay(1);
  }
  socket.destroy();
  const all = Buffer.concat(chunks);
  return all.subarray(all.indexOf('\r\n\r\n') + 4);
}

describe('answers that are not read', () => {
  for (const [path, sizeBytes] of [
    ['/openapi.json', body.length],
    ['/healthz', 20_000_000],
  ] as const) {
    test(`who reads slowly gets all of it, in order (${path})`, async () => {
      const socket = await open();
      socket.write(ask(path));
      const got = await readSlowly(socket, sizeBytes);
      assert.ok(got.equals(body.subarray(0, sizeBytes)), `${got.length} of ${sizeBytes} bytes`);
    });
  }

  test('who asks again before it has taken what it asked for is closed', async () => {
    answered = 0;
    const socket = await open();
    socket.pause();
    socket.write(ask('/openapi.json'));
    await until('the first answer', () => answered === 1);
    socket.write(ask('/readyz'));
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    socket.resume();
    await within('the end of the connection', once(socket, 'close'), 20_000);
    assert.equal(answered, 1);
    assert.ok(bytes < body.length, `${bytes} bytes`);
  });

  test('behind chunks, where it is the last answer, a slow reader gets all of it too, and is told that it is the last', async () => {
    const socket = await open();
    socket.write(`${ask('/openapi.json', 'Transfer-Encoding: chunked\r\n')}0\r\n\r\n`);
    const got = await readSlowly(socket, body.length);
    assert.ok(got.equals(body), `${got.length} of ${body.length} bytes`);
  });

  test('many who ask and read nothing take next to no memory', async () => {
    const sockets = await Promise.all(Array.from({ length: 40 }, open));
    const beforeBytes = process.memoryUsage().rss;
    answered = 0;
    for (const socket of sockets) {
      socket.pause();
      socket.write(ask('/openapi.json'));
    }
    await until('the answers', () => answered === sockets.length);
    const moreMb = (process.memoryUsage().rss - beforeBytes) / 1e6;
    assert.ok(moreMb < 150, `${Math.round(moreMb)} MB for 40 answers of 24 MB each`);
    for (const socket of sockets) socket.destroy();
    assert.equal((await stage.ask('/readyz')).body, 'short');
  });

  for (const [what, head] of [
    ['HEAD', 'HEAD /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
    ['204', 'OPTIONS /whep/cam HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ] as const) {
    test(`who sends ${what} on and on and reads nothing is cut off`, async () => {
      const socket = await open();
      socket.pause();
      const batch = head.repeat(500);
      let sent = 0;
      // It is closed by chance, one in 200 each: that none of 20,000 is the last has no chance at all.
      const isCut = new Promise((resolve) => socket.on('close', resolve));
      for (; sent < 20_000 && !socket.destroyed; sent += 500) {
        if (!socket.write(batch)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), isCut]);
      }
      socket.resume();
      await within('the end of the connection', isCut, 20_000);
    });
  }

  test('who reads gets every answer without a body, on as many connections as that takes', async () => {
    const http = askAt(stage.rest);
    for (let n = 0; n < 600; n += 1) assert.equal((await http.get('/whep/cam')).status, 204);
    http.close();
  });
});
