/** What a source sends beside its media costs little, whatever it is, and is given back when the pull ends. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { encodeAmf0 } from '../../src/core/amf/amf0.js';
import { encodeCommand } from '../../src/core/rtmp/command.js';
import { findAll, pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { usageOf } from '../support/server/usage.js';
import { encodeFlv } from '../support/source/flv-file.js';
import { type Send, startRawServer } from '../support/source/play-server.js';
import { until } from '../support/until.js';

/** They load and compile what there is. V8 of Node 24 keeps some 80 MB more behind the second: 293, 389, 401, 399, 404 MB. */
const warmUpRounds = 2;
const rounds = 3;
const apartMb = 30;
/** What the threads left is given back when none has ended for ten seconds, and after a minute at the latest (freed-memory.ts). */
const givenBackMs = 75_000;
const settledLooks = 20;
/** Of four such sources at once: threads, their histories, and what is held of messages. */
const mostMb = 250;
const tickMs = 50;

const tags = encodeFlv(
  '-f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i sine=440 -t 2 -c:v libx264 -preset ultrafast -tune zerolatency -g 25 -c:a aac'.split(
    ' ',
  ),
);

/** A chunk of 128 bytes that begins a message on this chunk stream (RTMP 1.0 5.3.1). */
function begun(chunkStreamId: number, lengthBytes: number): Buffer {
  const chunk = Buffer.alloc(14 + 128);
  chunk[0] = 1;
  chunk.writeUInt16LE(chunkStreamId - 64, 1);
  chunk.writeUIntBE(lengthBytes, 6, 3);
  chunk[9] = 9;
  return chunk;
}
/** The next chunk of the message on this chunk stream. */
const goesOn = (chunkStreamId: number): Buffer => {
  const chunk = Buffer.alloc(3 + 128);
  chunk[0] = 0xc1;
  chunk.writeUInt16LE(chunkStreamId - 64, 1);
  return chunk;
};

const many = (count: number, make: (n: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, n) => make(n)));
const metadata = encodeAmf0('onMetaData', Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`key${n}`, n])));
const command = encodeCommand('onStatus', 0, null, {
  level: 'status',
  code: 'NetStream.Buffer.Full',
  description: 'x'.repeat(400),
});

/** By name: what is sent every 50 ms. */
const hostile: Readonly<Record<string, (send: Send, socket: Socket, n: number) => void>> = {
  '10,000 metadata a second': (send) => {
    for (let n = 0; n < 500; n += 1) send('dataAmf0', 0, metadata);
  },
  '10,000 commands a second': (send) => {
    for (let n = 0; n < 500; n += 1) send('commandAmf0', 0, command);
  },
  'messages of 8 MiB that never end': (_, socket, n) => {
    socket.write(many(200, (at) => begun(100 + ((n * 200 + at) % 3900), 8_388_608)));
  },
  'messages of 16 MiB': (_, socket, n) => {
    socket.write(n === 0 ? begun(70, 0xffffff) : many(1000, () => goesOn(70)));
  },
};

let sluice: RunningSluice;
const stops: (() => Promise<void>)[] = [];
const uris = new Map<string, string>();

/** Audio and video in real time, and the rest between them. */
async function startHostile(name: string, say: (send: Send, socket: Socket, n: number) => void): Promise<void> {
  const server = await startRawServer((send, socket) => {
    const startMs = performance.now();
    let next = 0;
    let ticks = 0;
    const timer = setInterval(() => {
      for (;;) {
        const tag = tags[next % tags.length];
        const atMs = Math.floor(next / tags.length) * 2000 + (tag?.timestampMs ?? 0);
        if (tag === undefined || atMs > performance.now() - startMs) break;
        if (tag.track !== 'data') send(tag.track, atMs, tag.body);
        next += 1;
      }
      // A socket that is not read takes no more.
      if (socket.writableLength < 1_000_000) say(send, socket, ticks++);
    }, tickMs);
    socket.on('close', () => clearInterval(timer));
  });
  stops.push(() => server.close());
  uris.set(name, `rtmp://127.0.0.1:${server.port}/live/x`);
}

before(async () => {
  sluice = await startSluice();
  for (const [name, say] of Object.entries(hostile)) await startHostile(name, say);
});
after(async () => {
  await sluice.stop();
  for (const stop of stops) await stop();
});

const pid = (): number => sluice.child.process.pid ?? assert.fail('it is gone');
const rssMb = (): number => usageOf(pid()).rssMb;

async function round(): Promise<number> {
  for (const [name, uri] of uris) assert.equal((await pull(sluice, uri, name)).status, 200);
  for (const name of uris.keys()) await whenStatus(sluice, name, 'PROCESSED_REMOTE');
  await until('two seconds of each', async () => {
    const all = await Promise.all([...uris.keys()].map((name) => statsOf(sluice, name)));
    return all.every(({ videoFrames }) => videoFrames >= 50);
  });
  const most = rssMb();
  for (const name of uris.keys()) {
    const { reconnects, skippedMessages } = await statsOf(sluice, name);
    assert.equal(reconnects, 0, name);
    assert.ok(skippedMessages > 0, name);
  }
  for (const uri of uris.values())
    assert.equal((await sluice.post('/rest-api/pull/rtmp/terminate', { uri })).status, 200);
  await until('no thread of a pull', async () => (await findAll(sluice)).every(({ status }) => status === 'STOPPED'));
  return most;
}

/** Resident memory once it changes no more. */
function settledMb(what: string): Promise<number> {
  let last = 0;
  let same = 0;
  return until(what, () => {
    const now = rssMb();
    same = Math.abs(now - last) < 2 ? same + 1 : 0;
    last = now;
    return same >= settledLooks ? now : undefined;
  });
}

test('four such sources play on, their memory is bounded, and given back three times over', async (t) => {
  let ended = 0;
  const ends = (): number => sluice.log().filter(({ event }) => event === 'actor.ended').length;
  const endOf = async (): Promise<void> => {
    ended += uris.size;
    await until('the threads are gone', () => ends() >= ended);
  };
  for (let n = 0; n < warmUpRounds; n += 1) {
    await round();
    await endOf();
  }
  const beforeMb = await settledMb('memory is still');
  for (let n = 0; n < rounds; n += 1) {
    const most = await round();
    assert.ok(most - beforeMb < mostMb, `${(most - beforeMb).toFixed(0)} MB more`);
    await endOf();
    const what = `at most ${apartMb} MB more than ${beforeMb.toFixed(0)} are kept`;
    const backMb = await until(what, () => rssMb() - beforeMb <= apartMb && rssMb(), givenBackMs);
    t.diagnostic(`before ${beforeMb.toFixed(0)} MB, at most ${most.toFixed(0)}, behind ${backMb.toFixed(0)}`);
  }
});
