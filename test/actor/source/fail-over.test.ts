import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { freePort } from '../../support/server/free-port.js';
import { configuration, startRawServer, startRefusingServer } from '../../support/source/play-server.js';
import { playServer, pullFrom, settings } from '../../support/source/pulling.js';

/** Keyframes by which a test tells the sources apart, and a frame that is none. */
const keyOf = (source: number) => Buffer.of(0x17, 1, 0, 0, 0, source);
const deltaOf = (source: number) => Buffer.of(0x27, 1, 0, 0, 0, source);
/** The first source's reason is told, and no timer of a stand-by stands in the way. */
const slowly = { ...settings, reconnectFirstMs: 60_000, reconnectMaxMs: 60_000 };

/** A stand-by that plays while nobody listens at the first's address. */
async function onStandby(t: TestContext, failBackMs: number, reconnectFirstMs = settings.reconnectFirstMs) {
  const port = await freePort();
  const standby = await playServer(t);
  standby.showsVideo(keyOf(2));
  const uris = [`rtmp://127.0.0.1:${port}/live/cam`, standby.uri];
  const pulling = pullFrom(t, standby.uri, { uris, settings: { ...settings, failBackMs, reconnectFirstMs } });
  pulling.pull.start();
  await pulling.seen(/^video$/, 2);
  assert.deepEqual(pulling.sources, [1]);
  return { ...pulling, port, standby };
}

test('the next source is dialled at once when the one before refuses, and its reason is reported', async (t) => {
  const server = await playServer(t);
  server.showsVideo();
  const refusing = await startRefusingServer(() => ({ code: 'NetConnection.Connect.InvalidApp' }));
  t.after(() => refusing.close());
  const uris = [`rtmp://127.0.0.1:${await freePort()}/live/cam`, `rtmp://127.0.0.1:${refusing.port}/live/cam`];
  const { pull, events, sources, seen } = pullFrom(t, '', { uris: [...uris, server.uri], settings: slowly });
  pull.start();
  await seen(/^video$/);
  assert.deepEqual(events.slice(0, 5), [
    'PENDING',
    'PENDING source.refused ECONNREFUSED',
    'PENDING source.notFound NetConnection.Connect.InvalidApp',
    'session',
    'CONNECTED',
  ]);
  assert.deepEqual(sources, [2]);
});

test('a source that is lost is followed by the other, and that by the first again', async (t) => {
  const servers = [await playServer(t), await playServer(t)] as const;
  servers[0].showsVideo(keyOf(1));
  servers[1].showsVideo(keyOf(2));
  const { pull, sources, seen } = pullFrom(t, '', { uris: servers.map(({ uri }) => uri), settings: slowly });
  pull.start();
  await seen(/^video$/, 2);
  servers[0].drop();
  await seen(/^video$/, 4);
  assert.deepEqual(sources, [0, 1]);
  assert.equal(servers[0].sockets.size, 0);
});

test('sources that fail in turn, each as before, are reported once, and dialled by their own back-off', async (t) => {
  const uris = [`rtmp://127.0.0.1:${await freePort()}/live/a`, `rtmp://127.0.0.1:${await freePort()}/live/b`];
  const { pull, events, lines, seen } = pullFrom(t, '', { uris });
  pull.start();
  const server = await new Promise<Awaited<ReturnType<typeof playServer>>>((resolve) => {
    const look = async (): Promise<void> => {
      if (pull.stats.reconnects < 7) setImmediate(look);
      else resolve(await playServer(t, Number(new URL(uris[1] ?? '').port)));
    };
    void look();
  });
  server.showsVideo();
  await seen(/^CONNECTED$/);
  assert.deepEqual(events.slice(0, 4), ['PENDING', 'PENDING source.refused ECONNREFUSED', 'session', 'CONNECTED']);
  const lost = lines.filter((line) => line.includes('source.lost')).map((line) => JSON.parse(line).source);
  assert.deepEqual(lost.slice(0, 2), [0, 1]);
  assert.ok(lost.filter((source) => source === 0).length >= 3);
});

test('the first source, back again, takes over with its keyframe; the stand-by is left, and nothing is PENDING', async (t) => {
  const { port, standby, events, bodies, sources, seen } = await onStandby(t, 50);
  const first = await playServer(t, port);
  const asked = first.played();
  const before = events.length;
  await asked;
  // Frames that nothing can be shown from: the stand-by goes on.
  first.frame(0, deltaOf(1));
  first.frame(40, deltaOf(1));
  standby.frame(40, deltaOf(2));
  await seen(/^video$/, 3);
  assert.deepEqual(bodies.at(-1), new Uint8Array(deltaOf(2)));
  const left = once([...standby.sockets][0] ?? assert.fail('nobody plays'), 'close');
  first.frame(80, keyOf(1));
  await seen(/^session$/, 2);
  await seen(/^video$/, 5);
  await left;
  assert.deepEqual(events.slice(before), ['video', 'session', 'video', 'audio', 'video']);
  assert.deepEqual(
    bodies.slice(-3),
    [configuration.video, configuration.audio, keyOf(1)].map((body) => Uint8Array.from(body)),
  );
  assert.deepEqual(sources, [1, 0]);
  first.frame(120, deltaOf(1));
  await seen(/^video$/, 6);
});

test('so does one whose only track is number 1', async (t) => {
  const { port, bodies, sources, seen } = await onStandby(t, 50);
  /** Enhanced RTMP: a message of one track. */
  const ofTrack1 = (frameType: number, packetType: number): Buffer =>
    Buffer.of(0x80 | (frameType << 4) | 6, packetType, ...Buffer.from('avc1'), 1, 9);
  const first = await startRawServer((send) => {
    send('video', 0, ofTrack1(1, 0));
    send('video', 0, ofTrack1(2, 3));
    send('video', 40, ofTrack1(1, 3));
  }, port);
  t.after(() => first.close());
  await seen(/^session$/, 2);
  await seen(/^video$/, 4);
  assert.deepEqual(
    bodies.slice(-2),
    [ofTrack1(1, 0), ofTrack1(1, 3)].map((body) => Uint8Array.from(body)),
  );
  assert.deepEqual(sources, [1, 0]);
});

test('a first source that comes back and fails again is tried again, while the stand-by plays on', async (t) => {
  const { port, standby, pull, events, seen } = await onStandby(t, 20);
  let refusals = 0;
  const refusing = await startRefusingServer(() => {
    refusals += 1;
    return {};
  }, port);
  while (refusals < 3) await new Promise((resolve) => setImmediate(resolve));
  standby.frame(40, deltaOf(2));
  await seen(/^video$/, 3);
  assert.equal(events.filter((event) => event.startsWith('PENDING')).length, 2);
  await refusing.close();
  const first = await playServer(t, port);
  first.showsVideo(keyOf(1));
  await seen(/^session$/, 2);
  assert.equal(standby.sockets.size <= 1, true);
  await pull.stop();
});

test('without fail-back the first source is left alone until the stand-by is lost, and then is the first to be dialled', async (t) => {
  const { port, standby, sources, seen } = await onStandby(t, 0, 1);
  const first = await playServer(t, port);
  first.showsVideo(keyOf(1));
  standby.frame(40, deltaOf(2));
  await seen(/^video$/, 3);
  assert.equal(first.sockets.size, 0);
  standby.drop();
  await seen(/^CONNECTED$/, 2);
  assert.deepEqual(sources, [1, 0]);
});

test('a stand-by that is lost while the first is tried beside it ends that trial, and the first is dialled in earnest', async (t) => {
  const { port, standby, sources, seen } = await onStandby(t, 20);
  const first = await playServer(t, port);
  await first.played();
  const tried = [...first.sockets][0] ?? assert.fail('it is not tried');
  first.showsVideo(keyOf(1));
  const ended = once(tried, 'close');
  standby.drop();
  await seen(/^CONNECTED$/, 2);
  await ended;
  assert.deepEqual(sources, [1, 0]);
});

test('stop closes the stand-by and the trial beside it', async (t) => {
  const { port, standby, pull, events } = await onStandby(t, 20);
  const first = await playServer(t, port);
  await first.played();
  const closes = [...first.sockets, ...standby.sockets].map((socket) => once(socket, 'close'));
  assert.equal(closes.length, 2);
  const told = events.length;
  await pull.stop();
  await Promise.all(closes);
  assert.equal(events.length, told);
});

test('a source that is given up is not dialled again; the pull fails with the last of them', async (t) => {
  const description = '[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed';
  let asked = 0;
  const refusing = await startRefusingServer(() => {
    asked += 1;
    return { description };
  });
  t.after(() => refusing.close());
  const server = await playServer(t);
  server.showsVideo(keyOf(2));
  const { pull, events, seen } = pullFrom(t, '', {
    uris: [`rtmp://127.0.0.1:${refusing.port}/live/cam`, server.uri],
    settings: { ...settings, failBackMs: 1 },
  });
  pull.start();
  await seen(/^video$/, 2);
  pull.refuse('source.unsupportedCodec', 'VP6');
  await seen(/^FAILED/);
  assert.deepEqual(
    events.filter((event) => /^(PENDING|FAILED)/.test(event)),
    [
      'PENDING',
      'PENDING source.notAuthorised it refused the user or the password',
      'FAILED source.unsupportedCodec VP6',
    ],
  );
  assert.equal(asked, 1);
});

test('without a wish for frames the first source takes over with its first audio', async (t) => {
  const port = await freePort();
  const standby = await playServer(t);
  standby.showsVideo(keyOf(2));
  const { pull, bodies, sources, seen } = pullFrom(t, '', {
    uris: [`rtmp://127.0.0.1:${port}/live/cam`, standby.uri],
    wantsVideo: false,
    settings: { ...settings, failBackMs: 20 },
  });
  pull.start();
  await seen(/^video$/, 2);
  const first = await playServer(t, port);
  await first.played();
  first.frame(0, keyOf(1));
  first.audio(0, Buffer.of(0xaf, 1, 7));
  await seen(/^audio$/, 3);
  assert.deepEqual(bodies.at(-1), Uint8Array.of(0xaf, 1, 7));
  assert.deepEqual(sources, [1, 0]);
});
