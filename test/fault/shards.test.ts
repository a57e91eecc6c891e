/** Further fan-out threads under the real supervisor: one that breaks, and what is left when all is over. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import { settingsSchema } from '../../src/config/schema.js';
import type { ErrorCode } from '../../src/errors.js';
import type { LogFields } from '../../src/log-line.js';
import type { Streams } from '../../src/supervisor/streams.js';
import { createStreams } from '../../src/supervisor/supervisor.js';
import { startOrigin, type TestOrigin } from '../support/source/origin.js';
import { until } from '../support/until.js';
import { assertNoGap, joinStream, type StreamViewer } from '../support/viewer/stream-viewer.js';

let origin: TestOrigin;

before(async () => {
  origin = await startOrigin();
});
after(() => origin.close());

const count = (what: 'task' | 'fd'): number => readdirSync(`/proc/self/${what}`).length;

interface Stage {
  readonly streams: Streams;
  readonly lines: { readonly event: string; readonly fields: LogFields }[];
  /** Each viewer that was told of its end. */
  readonly told: Map<string, ErrorCode | null>;
  readonly pullId: string;
  enter(viewer: string, width?: number): Promise<StreamViewer>;
  end(): Promise<void>;
}

async function setStage(t: TestContext, viewers: object): Promise<Stage> {
  const lines: Stage['lines'] = [];
  const told: Stage['told'] = new Map();
  const guests: StreamViewer[] = [];
  const streams = await createStreams({
    settings: settingsSchema.parse({
      webrtc: { listen: ['127.0.0.1'], portMin: 0, portMax: 0 },
      supervisor: { faultInjection: true },
      viewers,
    }),
    log: (_level, event, fields = {}) => lines.push({ event, fields }),
    onEscalation: () => assert.fail('a thread could not be ended'),
  });
  const end = async (): Promise<void> => {
    for (const guest of guests.splice(0)) guest.close();
    await streams.close();
  };
  t.after(end);
  const uri = origin.url(t.name.slice(0, 8).replaceAll(' ', '-'));
  const request = { uri, localStreamName: 'hot', origin: 'rest' } as const;
  const { pullId } = streams.pull({ ...request, record: false, hasAudio: true, hasVideo: true });
  return {
    streams,
    lines,
    told,
    pullId,
    end,
    async enter(viewer, width) {
      const wish = width === undefined ? null : { width, height: null, bitrateKbps: null, quality: null };
      const guest = await joinStream(async (offer) => {
        const view = await streams.view({
          name: 'hot',
          offer,
          wish,
          clientIp: '127.0.0.1',
          onConnected: () => {},
          onEnded: (reason) => told.set(viewer, reason),
        });
        return view.answerSdp;
      });
      guests.push(guest);
      return guest;
    },
  };
}

test('a further thread that breaks takes its own viewers along, who come again; the others see nothing of it', async (t) => {
  const { streams, enter, told, lines } = await setStage(t, { perShard: 1, maxShards: 2 });
  const guests = [await enter('first'), await enter('second'), await enter('third')];
  assert.equal(new Set(guests.map(({ port }) => port)).size, 3);
  for (const guest of guests) await guest.whenVideo(20);
  streams.inject('hot', 'shard');
  await until('its viewer is told', () => told.size > 0);
  assert.deepEqual([...told], [['second', 'actor.dead']]);
  const ended = await until('its end is logged', () => lines.find(({ event }) => event === 'shard.ended'));
  assert.deepEqual(ended.fields, { name: 'hot', exitCode: 1, error: 'drill: an uncaught exception' });
  const again = await enter('again');
  await again.whenVideo(20);
  for (const guest of [guests[0], guests[2], again]) {
    const seen = guest?.video().length ?? 0;
    assertNoGap((await guest?.whenVideo(seen + 25)) ?? assert.fail());
  }
  assert.equal(told.size, 1);
  assert.deepEqual([streams.find('hot')?.restarts, streams.find('hot')?.viewers], [0, 3]);
  assert.ok(!lines.some(({ event }) => event === 'actor.ended'));
});

test('a further thread that hangs is ended and replaced; its viewers are informed, and the others see nothing of it', async (t) => {
  const { streams, enter, told, lines, pullId } = await setStage(t, { perShard: 1, maxShards: 2 });
  const guests = [await enter('first'), await enter('second'), await enter('third')];
  const ports = guests.map(({ port }) => port);
  assert.equal(new Set(ports).size, 3);
  for (const guest of guests) await guest.whenVideo(20);
  const others = [guests[0] ?? assert.fail(), guests[2] ?? assert.fail()];
  const seen = others.map((guest) => guest.video().length);
  streams.inject('hot', 'shardHang');
  await until('its viewer is told', () => told.size > 0);
  assert.deepEqual([...told], [['second', 'actor.dead']]);
  const condemned = lines.find(({ event }) => event === 'actor.condemned');
  assert.deepEqual([condemned?.fields.name, condemned?.fields.cause], ['hot', 'hung']);
  const ended = await until('its end is logged', () => lines.find(({ event }) => event === 'shard.ended'));
  assert.deepEqual(ended.fields, { name: 'hot', exitCode: 1, error: '' });
  // The hang was noticed after two seconds: all the while the others had their frames.
  others.forEach((guest, n) => {
    const meanwhile = guest.video().length - (seen[n] ?? 0);
    assert.ok(meanwhile >= 30, `${meanwhile} packets`);
  });
  const again = await enter('again');
  await again.whenVideo(20);
  // Now there are more viewers than threads want to have: in place of the lost one another is opened.
  await until('it is replaced', async () => (await streams.stats(pullId)).shards.length === 2, 30_000);
  const newcomer = await enter('newcomer');
  await newcomer.whenVideo(20);
  assert.ok(![...ports, again.port].includes(newcomer.port), 'served by the new thread');
  for (const guest of [...others, again, newcomer]) {
    assertNoGap(await guest.whenVideo(guest.video().length + 25));
  }
  assert.equal(told.size, 1);
  assert.deepEqual([streams.find('hot')?.restarts, streams.find('hot')?.viewers], [0, 4]);
});

test('viewers of one rendition on several threads share it', async (t) => {
  const { streams, enter, pullId } = await setStage(t, { perShard: 1, maxShards: 2 });
  const guests = [await enter('first', 160), await enter('second', 160), await enter('third', 160)];
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
  // The same frames, made once, reach all three.
  const [first, ...rest] = guests.map((guest) => new Map(guest.video().map((one) => [one.timestamp, one.payload])));
  for (const other of rest) {
    const common = [...other].filter(([timestamp]) => first?.has(timestamp) === true);
    assert.ok(common.length >= 10, `${common.length} frames in common`);
    for (const [timestamp, payload] of common) assert.deepEqual(payload, first?.get(timestamp));
  }
});

test('the limit of further threads is that of the process', async (t) => {
  const { streams, enter, lines } = await setStage(t, { perShard: 1, maxShards: 1 });
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
  const first = await setStage(t, { perShard: 1, maxShards: 2 });
  await (await first.enter('to load what stays')).whenVideo(1);
  await first.end();
  const before = { threads: count('task'), descriptors: count('fd') };
  for (const fault of [null, 'shard', 'throw'] as const) {
    const { enter, streams, lines, end } = await setStage(t, { perShard: 1, maxShards: 2 });
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
