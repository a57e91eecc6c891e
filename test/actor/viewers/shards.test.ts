/** Viewers of one stream on several threads, with real ones and real sockets; packets are looked at one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setAudienceStage } from '../../support/fanout/audience-stage.js';
import { judged } from '../../support/judged.js';
import { markOf } from '../../support/rtp/marked-packets.js';
import { freePort } from '../../support/server/free-port.js';
import { until } from '../../support/until.js';
import { assertNoGap, type StreamViewer } from '../../support/viewer/stream-viewer.js';

type Stage = ReturnType<typeof setAudienceStage>;

const enterAll = async (stage: Stage, count: number): Promise<readonly StreamViewer[]> => {
  const guests: StreamViewer[] = [];
  for (let n = 0; n < count; n += 1) guests.push(await stage.enter(`viewer ${n}`));
  return guests;
};

const countPerPort = (guests: readonly StreamViewer[]): readonly number[] => {
  const ports = guests.map(({ port }) => port);
  return [...new Set(ports)].map((port) => ports.filter((one) => one === port).length);
};

/** Each shows every packet from `first` on to the newest, once, in order, under numbers without a gap. */
async function assertWhole(stage: Stage, guests: readonly StreamViewer[], first = 0): Promise<void> {
  const { end } = stage.histories.video;
  for (const guest of guests) {
    const packets = await guest.whenVideo(end - first);
    assert.deepEqual(
      packets.map(({ payload }) => markOf(payload)),
      Array.from({ length: end - first }, (_, n) => first + n),
    );
    for (const { payload, timestamp } of packets) assert.equal(timestamp, (markOf(payload) * 3000) >>> 0);
    assertNoGap(packets);
  }
}

for (const fanout of ['native', 'js'] as const) {
  test(`${fanout}: viewers fill thread after thread up to the limit, each gets every packet, also while the history moves`, async (t) => {
    const stage = setAudienceStage(t, { perShard: 2, maxShards: 2, fanout });
    stage.show(5, true);
    const guests = await enterAll(stage, 7);
    assert.deepEqual([...countPerPort(guests)].sort(), [2, 2, 3]);
    assert.equal(stage.threads.length, 2);
    const { memory } = stage.histories.video;
    // Beyond the 64 KiB and the 512 packets that a history begins with.
    for (let frame = 0; frame < 20; frame += 1) {
      stage.show(40);
      await assertWhole(stage, guests);
    }
    assert.notEqual(stage.histories.video.memory, memory);
    const stats = await stage.audience.stats();
    assert.equal(stats.viewers.length, 7);
    assert.ok(
      stats.viewers.every(({ connected, packetsSent }) => connected && packetsSent === stage.histories.video.end),
    );
    assert.equal(stats.sent.packets, 7 * stage.histories.video.end);
    assert.deepEqual(
      stats.shards.map(({ viewers }) => viewers),
      [2, 2],
    );
    assert.equal(stats.fanout, fanout);
    assert.deepEqual(stage.wanted, [['Opus']]);
  });
}

test('a viewer of a further thread begins with the newest keyframe and gets what it missed again', async (t) => {
  const stage = setAudienceStage(t, { perShard: 1, maxShards: 1 });
  stage.show(3, true);
  for (let frame = 0; frame < 4; frame += 1) stage.show(3);
  stage.show(4, true);
  stage.show(3);
  const guests = await enterAll(stage, 2);
  await assertWhole(stage, guests, 15);
  stage.show(2);
  await assertWhole(stage, guests, 15);
  for (const guest of guests) guest.nack(guest.video()[2]?.sequence ?? 0);
  await until('each has been sent one packet again', async () => {
    const { viewers } = await stage.audience.stats();
    return viewers.every(({ packetsResent }) => packetsResent === 1);
  });
});

test('sender reports of all threads give one clock', async (t) => {
  const stage = setAudienceStage(t, { perShard: 1, maxShards: 1 });
  stage.show(1, true);
  const guests = await enterAll(stage, 2);
  assert.notEqual(guests[0]?.port, guests[1]?.port);
  await assertWhole(stage, guests);
  const reports = await until('a report of each', () => {
    const firsts = guests.flatMap((guest) => guest.senderReports().slice(0, 1));
    return firsts.length === 2 ? firsts : undefined;
  });
  const [one, other] = reports;
  assert.ok(one !== undefined && other !== undefined);
  const wallMs = other.ntpMs - one.ntpMs;
  const mediaMs = ((other.rtpTs - one.rtpTs) | 0) / 90;
  assert.ok(Math.abs(wallMs - mediaMs) < 1, `${wallMs} ms of the wall clock, ${mediaMs} ms of media`);
});

test("the viewers of a thread that dies go on in the stream's own thread", async (t) => {
  const stage = setAudienceStage(t, { perShard: 2, maxShards: 2 });
  stage.show(2, true);
  const guests = await enterAll(stage, 6);
  await assertWhole(stage, guests);
  await stage.threads[0]?.worker.terminate();
  await until('it is known', () => stage.lines.some(({ event }) => event === 'shard.lost'));
  await until('all are connected', async () => {
    const { viewers } = await stage.audience.stats();
    return viewers.filter(({ connected }) => connected).length === 6;
  });
  stage.show(3, true);
  for (let frame = 0; frame < 10; frame += 1) stage.show(3);
  const { end } = stage.histories.video;
  for (const guest of guests) {
    await until('the newest packet', () => markOf(guest.video().at(-1)?.payload ?? Buffer.alloc(4)) === end - 1);
    assertNoGap(guest.video());
    const tail = guest
      .video()
      .slice(-30)
      .map(({ payload }) => markOf(payload));
    assert.deepEqual(
      tail,
      Array.from({ length: 30 }, (_, n) => end - 30 + n),
    );
  }
  assert.equal(stage.events.filter(({ kind }) => kind === 'viewer.ended').length, 0);
  assert.equal(stage.threads.length, 2);
});

/** A frame every 20 ms until then; gives the longest pause between two packets at any of them, ms. */
async function playUntil(stage: Stage, guests: readonly StreamViewer[], end: Promise<unknown>): Promise<number> {
  const startNs = process.hrtime.bigint();
  const playing = setInterval(() => stage.show(3), 20);
  await end.finally(() => clearInterval(playing));
  await assertWhole(stage, guests);
  const pauses = guests.flatMap((guest) => {
    const atNs = [startNs, ...guest.video().flatMap((packet) => (packet.atNs > startNs ? packet.atNs : []))];
    return atNs.slice(1).map((ns, n) => Number(ns - (atNs[n] ?? ns)) / 1e6);
  });
  return Math.max(...pauses);
}

for (const fanout of ['native', 'js'] as const) {
  test(`${fanout}: the viewers of a thread that is needed no longer go on in the stream's own: no packet twice, and none missing`, async (t) => {
    const stage = setAudienceStage(t, { perShard: 4, maxShards: 1, fanout, silenceTimeoutMs: 600_000 });
    stage.show(2, true);
    const guests = await enterAll(stage, 6);
    assert.deepEqual(countPerPort(guests), [4, 2]);
    for (const n of [0, 1, 2]) await stage.audience.leave(`viewer ${n}`, 'viewer');
    const stay = guests.slice(3);
    await assertWhole(stage, stay);
    const { sent: before } = await stage.audience.stats();
    const merged = until('it is merged', async () => {
      stage.skip(5000);
      return (await stage.audience.stats()).shards.length === 0;
    });
    await judged(t, {
      measure: () => playUntil(stage, stay, merged),
      isGood: (longestMs) => longestMs <= 200,
      words: (longestMs) => `nothing came for ${longestMs} ms`,
      windows: 1,
    });
    assert.deepEqual(await stage.threads[0]?.ended, { exitCode: 0, error: '', condemnedBy: null });
    const { sent: merging } = await stage.audience.stats();
    assert.ok(merging.packets > before.packets, 'what was sent before counts on');
    const { end } = stage.histories.video;
    stage.show(3, true);
    stage.show(3);
    await assertWhole(stage, stay);
    const { viewers, sent } = await stage.audience.stats();
    assert.ok(viewers.every(({ connected, packetsSent }) => connected && packetsSent === stage.histories.video.end));
    assert.equal(viewers.length, 3);
    assert.equal(sent.packets - merging.packets, 3 * (stage.histories.video.end - end));
    // Of what the other thread sent it has reported all but the last second at most.
    assert.ok(sent.packets <= before.packets + 3 * stage.histories.video.end);
    assert.equal(stage.events.filter(({ kind }) => kind === 'viewer.ended').length, 0);
    // They are heard there too, also of what the other thread had sent.
    for (const guest of stay) guest.nack(guest.video()[1]?.sequence ?? 0);
    await until('each has been sent one packet again', async () => {
      const stats = await stage.audience.stats();
      return stats.viewers.every(({ packetsResent }) => packetsResent === 1);
    });
    assert.equal(await stage.audience.leave('viewer 5', 'viewer'), true);
  });
}

test('a thread that all have left is let go after a while, and opened anew when there are many again', async (t) => {
  const stage = setAudienceStage(t, { perShard: 1, maxShards: 1 });
  stage.show(2, true);
  await enterAll(stage, 2);
  assert.equal(await stage.audience.leave('viewer 0', 'viewer'), true);
  assert.equal(await stage.audience.leave('viewer 1', 'viewer'), true);
  assert.equal(await stage.audience.leave('viewer 1', 'viewer'), false);
  assert.deepEqual(stage.wanted, [['Opus'], []]);
  await until('it is let go', async () => {
    stage.skip(5000);
    return (await stage.audience.stats()).shards.length === 0;
  });
  assert.deepEqual(await stage.threads[0]?.ended, { exitCode: 0, error: '', condemnedBy: null });
  const guests = await enterAll(stage, 2);
  assert.equal(stage.threads.length, 2);
  stage.show(3);
  await assertWhole(stage, guests);
});

test('where no further thread is to be had, the stream itself serves all', async (t) => {
  const stage = setAudienceStage(t, { perShard: 1, maxShards: 1, hasThreads: false });
  stage.show(2, true);
  const guests = await enterAll(stage, 3);
  assert.deepEqual(countPerPort(guests), [3]);
  await assertWhole(stage, guests);
  assert.equal(stage.lines.filter(({ event }) => event === 'shard.refused').length, 1);
});

test('viewers that come all at once are spread, and the limit of the stream holds over all threads', async (t) => {
  const stage = setAudienceStage(t, { perShard: 2, maxShards: 2, maxPerStream: 6 });
  stage.show(2, true);
  const guests = await Promise.all(Array.from({ length: 6 }, (_, n) => stage.enter(`viewer ${n}`)));
  assert.deepEqual(countPerPort(guests), [2, 2, 2]);
  await assert.rejects(stage.enter('one too many'), { code: 'viewer.limit' });
  await assertWhole(stage, guests);
});

test('a thread that finds no port leaves its viewers to the stream itself', async (t) => {
  const port = await freePort();
  const stage = setAudienceStage(t, { perShard: 1, maxShards: 1, port });
  stage.show(2, true);
  const guests = await enterAll(stage, 2);
  assert.deepEqual(
    guests.map((guest) => guest.port),
    [port, port],
  );
  assert.equal(stage.threads.length, 1);
  await assertWhole(stage, guests);
});
