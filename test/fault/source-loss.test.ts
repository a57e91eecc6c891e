/** Sources that go away, by real sockets and the default settings: what is noticed, and how soon all is well again. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { settingsSchema } from '../../src/config/schema.js';
import { judged } from '../support/judged.js';
import { startPlayServer } from '../support/source/play-server.js';
import { playServer, pullFrom } from '../support/source/pulling.js';
import { within } from '../support/until.js';

const settings = { ...settingsSchema.parse({}).rtmp, caPem: '' };
const keyframe = Buffer.of(0x17, 1, 0, 0, 0, 9);

const silences: readonly { readonly what: string; readonly begin: (socket: Socket) => NodeJS.Timeout | undefined }[] = [
  { what: 'sends nothing more, and never closes (half-open)', begin: () => undefined },
  {
    what: 'reads nothing either (a window of 0)',
    begin(socket) {
      socket.pause();
      return undefined;
    },
  },
  {
    what: 'sends one byte a second of a frame that never ends',
    begin(socket) {
      // A chunk header for 1 MB of video on chunk stream 6, then its bytes.
      socket.write(Buffer.of(6, 0, 0, 80, 0x0f, 0x42, 0x40, 9, 1, 0, 0, 0));
      return setInterval(() => socket.write(Buffer.of(0x27)), 1000);
    },
  },
  {
    what: 'goes on with data, and no media',
    begin(socket) {
      // onTextData without values, 13 bytes of AMF0, on chunk stream 5.
      const name = Buffer.from('\x02\x00\x0aonTextData', 'latin1');
      const message = Buffer.concat([Buffer.of(5, 0, 0, 0, 0, 0, name.length, 18, 1, 0, 0, 0), name]);
      return setInterval(() => socket.write(message), 100);
    },
  },
];

test('a source that falls silent is noticed within 5 s, and its socket is gone', async (t) => {
  await judged(t, {
    measure: () => Promise.all(silences.map((silence) => noticedMs(t, silence))),
    isGood: (all) => all.every((ms) => ms <= 5000),
    words: (all) => `noticed after ${all.join(', ')} ms`,
    windows: 1,
  });
});

/** How long the default settings need for it; never less than is meant. */
async function noticedMs(t: TestContext, { what, begin }: (typeof silences)[number]): Promise<number> {
  const server = await playServer(t);
  server.showsVideo(keyframe);
  const { pull, seen, events } = pullFrom(t, server.uri, { settings });
  pull.start();
  await seen(/^video$/, 2);
  const startMs = performance.now();
  const [socket] = server.sockets;
  assert.ok(socket !== undefined);
  const closed = once(socket, 'close');
  const timer = begin(socket);
  t.after(() => clearInterval(timer));
  await within(`one that ${what} is noticed`, seen(/^PENDING source\.stalled/), 30_000);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs >= 4000, `one that ${what}: ${Math.round(tookMs)} ms`);
  // A paused end reads no close: what is sent to it is refused then.
  if (socket.isPaused()) socket.resume();
  await closed;
  clearInterval(timer);
  assert.equal(events.includes('data'), what.includes('data'), what);
  await pull.stop();
  return tookMs;
}

const pulls = 4;
const cyclesEach = 5;

/** One pull whose source is killed again and again; gives how long it took at most until there was media again. */
async function longestReturnMs(t: TestContext): Promise<number> {
  let shows = (): void => {};
  let server = await startPlayServer(() => shows());
  t.after(() => server.close());
  const { port } = server;
  shows = () => server.frame(0, keyframe);
  const { pull, seen, events } = pullFrom(t, `rtmp://127.0.0.1:${port}/live/cam`, { settings });
  pull.start();
  let longestMs = 0;
  for (let cycle = 1; cycle <= cyclesEach; cycle += 1) {
    await seen(/^CONNECTED$/, cycle);
    for (const socket of server.sockets) {
      if (cycle % 2 === 0) socket.end();
      else socket.resetAndDestroy();
    }
    await server.close();
    await delay(cycle === cyclesEach ? 1000 : 100);
    server = await startPlayServer(() => shows(), port);
    const startMs = performance.now();
    const frames = events.filter((event) => event === 'video').length;
    await within('media again', seen(/^video$/, frames + 1), 30_000);
    longestMs = Math.max(longestMs, performance.now() - startMs);
  }
  await pull.stop();
  return longestMs;
}

test(`${pulls * cyclesEach} times killed, by FIN and by RST, and back after 0.1 or 1 s: media is there again within 1.5 s`, async (t) => {
  const longestMs = await judged(t, {
    measure: async () => Math.max(...(await Promise.all(Array.from({ length: pulls }, () => longestReturnMs(t))))),
    isGood: (ms) => ms <= 1500,
    words: (ms) => `media again after at most ${ms} ms`,
    windows: 1,
  });
  t.diagnostic(`media again after at most ${Math.round(longestMs)} ms`);
});
