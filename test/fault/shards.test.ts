/** Further fan-out threads under the real supervisor: one that breaks, and what is left when all is over. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { startOrigin, type TestOrigin } from '../support/source/origin.js';
import { watchStream } from '../support/threads/watched-stream.js';
import { until } from '../support/until.js';
import { assertNoGap, joinStream, type StreamViewer } from '../support/viewer/stream-viewer.js';

let origin: TestOrigin;

before(async () => {
  origin = await startOrigin();
});
after(() => origin.close());

const count = (what: 'task' | 'fd'): number => readdirSync(`/proc/self/${what}`).length;

test("a further thread that breaks: its viewers go on in the stream's own thread; the others see nothing of it", async (t) => {
  const { streams, enter, told, lines } = await watchStream(t, origin, { perShard: 1, maxShards: 2 });
  const guests = [await enter('first'), await enter('second'), await enter('third')];
  assert.equal(new Set(guests.map(({ port }) => port)).size, 3);
  for (const guest of guests) await guest.whenVideo(20);
  streams.inject('hot', 'shard');
  const ended = await until('its end is logged', () => lines.find(({ event }) => event === 'shard.ended'));
  const error = 'drill: an uncaught exception';
  assert.deepEqual(ended.fields, { name: 'hot', cause: 'crashed', exitCode: 1, error });
  for (const guest of guests) assertNoGap(await guest.whenVideo(guest.video().length + 25));
  assert.deepEqual([...told], []);
  const [stream] = streams.supervision().children;
  const lastEnds = stream?.children.flatMap(({ kind, lastEnd }) => (kind === 'shard' ? [lastEnd?.error] : []));
  assert.deepEqual(new Set(lastEnds), new Set([error]));
  assert.deepEqual([streams.find('hot')?.restarts, streams.find('hot')?.viewers], [0, 3]);
  assert.ok(!lines.some(({ event }) => event === 'actor.ended'));
});

test('a further thread that hangs is ended and replaced; its viewers go on, and the others see nothing of it', async (t) => {
  const { streams, enter, told, lines, pullId } = await watchStream(t, origin, { perShard: 1, maxShards: 2 });
  const guests = [await enter('first'), await enter('second'), await enter('third')];
  const ports = guests.map(({ port }) => port);
  assert.equal(new Set(ports).size, 3);
  for (const guest of guests) await guest.whenVideo(20);
  const others = [guests[0] ?? assert.fail(), guests[2] ?? assert.fail()];
  const seen = others.map((guest) => guest.video().length);
  streams.inject('hot', 'shardHang');
  const ended = await until('its end is logged', () => lines.find(({ event }) => event === 'shard.ended'));
  assert.deepEqual(ended.fields, { name: 'hot', cause: 'hung', exitCode: 1, error: '' });
  const condemned = lines.find(({ event }) => event === 'actor.condemned');
  assert.deepEqual([condemned?.fields.name, condemned?.fields.cause], ['hot', 'hung']);
  // The hang was noticed after two seconds: all the while the others had their frames.
  others.forEach((guest, n) => {
    const meanwhile = guest.video().length - (seen[n] ?? 0);
    assert.ok(meanwhile >= 30, `${meanwhile} packets`);
  });
  for (const guest of guests) assertNoGap(await guest.whenVideo(guest.video().length + 25));
  // There are more viewers than threads want to have: in place of the lost one another is opened.
  const again = await enter('again');
  await again.whenVideo(20);
  await until('it is replaced', async () => (await streams.stats(pullId)).shards.length === 2, 30_000);
  const newcomer = await enter('newcomer');
  await newcomer.whenVideo(20);
  assert.ok(![...ports, again.port].includes(newcomer.port), 'served by the new thread');
  assert.deepEqual([...told], []);
  assert.deepEqual([streams.find('hot')?.restarts, streams.find('hot')?.viewers], [0, 5]);
});

test('viewers of one rendition on several threads share it', async (t) => {
  const { streams, enter, pullId } = await watchStream(t, origin, { perShard: 1, maxShards: 2 });
  const guests = [
    await enter('first', { width: 160 }),
    await enter('second', { width: 160 }),
    await enter('third', { width: 160 }),
  ];
  assert.equal(new Set(guests.map(({ port }) => port)).size, 3);
  for (const guest of guests) assertNoGap(await guest.whenVideo(20));
  const { renditions, shards } = await streams.stats(pullId);
  assert.deepEqual(
    renditions.map(({ encoding, viewers }) => [encoding, viewers]),
    [['H264 *x90 * *', 3]],
  );
  assert.deepEqual(
    shards.map(({ viewers }) => viewers),
    [1, 1],
  );
  const [stream] = streams.supervision().children;
  assert.deepEqual(stream?.children.map(({ kind, state }) => `${kind} ${state}`).toSorted(), [
    'rendition running',
    'shard running',
    'shard running',
  ]);
  for (const { memory } of stream?.children ?? []) assert.ok((memory?.usedBytes ?? 0) > 0);
  // The same frames, made once, reach all three.
  const [first, ...rest] = guests.map((guest) => new Map(guest.video().map((one) => [one.timestamp, one.payload])));
  for (const other of rest) {
    const common = [...other].filter(([timestamp]) => first?.has(timestamp) === true);
    assert.ok(common.length >= 10, `${common.length} frames in common`);
    for (const [timestamp, payload] of common) assert.deepEqual(payload, first?.get(timestamp));
  }
});

test('the limit of further threads is that of the process', async (t) => {
  const { streams, enter, lines } = await watchStream(t, origin, { perShard: 1, maxShards: 1 });
  const guests = [await enter('first'), await enter('second')];
  const other = { uri: origin.url('other'), localStreamName: 'other', origin: 'rest' } as const;
  streams.pull({ ...other, record: false, hasAudio: true, hasVideo: true });
  const enterOther = (): Promise<StreamViewer> =>
    joinStream(async (offer) => {
      const onEnded = (): void => {};
      const view = await streams.view({ name: 'other', offer, clientIp: '127.0.0.1', onConnected: onEnded, onEnded });
      return view.answerSdp;
    });
  const others = [await enterOther(), await enterOther()];
  t.after(() => {
    for (const guest of others) guest.close();
  });
  assert.notEqual(guests[0]?.port, guests[1]?.port);
  assert.equal(others[0]?.port, others[1]?.port);
  for (const guest of [...guests, ...others]) await guest.whenVideo(10);
  assert.deepEqual(
    lines.find(({ event }) => event === 'shard.refused')?.fields.detail,
    'The limit of viewers is reached: viewers.maxShards is 1',
  );
});

test('when all is over no thread and no socket is left, whichever thread has ended first', async (t) => {
  const first = await watchStream(t, origin, { perShard: 1, maxShards: 2 });
  await (await first.enter('to load what stays')).whenVideo(1);
  await first.end();
  const before = { threads: count('task'), descriptors: count('fd') };
  for (const fault of [null, 'shard', 'throw'] as const) {
    const { enter, streams, lines, end } = await watchStream(t, origin, { perShard: 1, maxShards: 2 });
    for (const viewer of ['first', 'second', 'third']) await (await enter(viewer)).whenVideo(10);
    if (fault !== null) {
      streams.inject('hot', fault);
      const event = fault === 'shard' ? 'shard.ended' : 'actor.ended';
      await until('it has broken', () => lines.some((line) => line.event === event));
    }
    await end();
    const ends = lines.filter(({ event }) => event === 'shard.ended').map(({ fields }) => fields.exitCode);
    assert.deepEqual(ends.toSorted(), fault === 'shard' ? [0, 1] : [0, 0]);
  }
  await until('threads and sockets are back', () => {
    return count('task') <= before.threads && count('fd') <= before.descriptors;
  });
});
