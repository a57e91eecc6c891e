/** Viewers that cannot follow among many who can (docs/reliability.md L3): a real connection that is not read, and a lossy way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setAudienceStage } from '../support/fanout/audience-stage.js';
import { tcpQueues } from '../support/network/tcp-queues.js';
import { markOf } from '../support/rtp/marked-packets.js';
import type { ReceivedRtp } from '../support/rtp/rtp-receiver.js';
import { until } from '../support/until.js';
import { assertNoGap, type StreamViewer } from '../support/viewer/stream-viewer.js';

const others = 25;
const packetsPerFrame = 60;
const framesPerGroup = 5;
const maxQueueBytes = 2 * 1024 * 1024;
/** RFC 4571's length, the RTP header, and the tag of AES-GCM. */
const overheadBytes = 2 + 12 + 16;
const payloadBytes = 1100;

type Stage = ReturnType<typeof setAudienceStage>;

const marks = (packets: readonly ReceivedRtp[]): readonly number[] => packets.map(({ payload }) => markOf(payload));
const statsOf = async (stage: Stage, viewerId: string) =>
  (await stage.audience.stats()).viewers.find((viewer) => viewer.viewerId === viewerId) ?? assert.fail(viewerId);

/** Shows frames as fast as the others take them; gives the packets that groups began with. */
function createShow(stage: Stage, guests: readonly StreamViewer[]) {
  const keys: number[] = [];
  let frames = 0;
  return {
    keys,
    async frame(): Promise<void> {
      const isKey = frames % framesPerGroup === 0;
      if (isKey) keys.push(stage.histories.video.end);
      frames += 1;
      stage.show(packetsPerFrame, isKey);
      for (const guest of guests) await guest.whenVideo(stage.histories.video.end);
    },
  };
}

function assertWhole(stage: Stage, guests: readonly StreamViewer[]): void {
  const all = [...Array(stage.histories.video.end).keys()];
  for (const guest of guests) {
    assert.deepEqual(marks(guest.video()), all);
    assertNoGap(guest.video());
  }
}

async function enterOthers(stage: Stage): Promise<readonly StreamViewer[]> {
  const guests: StreamViewer[] = [];
  for (let n = 0; n < others; n += 1) guests.push(await stage.enter(`viewer ${n}`));
  return guests;
}

for (const fanout of ['native', 'js'] as const) {
  test(`${fanout}: one who reads nothing costs 25 others nothing, owes little, and goes on at a keyframe`, async (t) => {
    const stage = setAudienceStage(t, { perShard: 100, maxShards: 0, fanout });
    const guests = await enterOthers(stage);
    const slow = await stage.enter('slow', { tcp: true });
    const show = createShow(stage, guests);
    await show.frame();
    await slow.whenVideo(stage.histories.video.end);
    slow.client.pause();

    let mostOwed = 0;
    const look = async (): Promise<number> => {
      const { packetsSent, framesSkipped } = await statsOf(stage, 'slow');
      const kernel = tcpQueues(slow.port, slow.client.port).sending + tcpQueues(slow.client.port, slow.port).unread;
      const read = slow.client.receivedBytes + 2 * slow.video().length;
      mostOwed = Math.max(mostOwed, packetsSent * (payloadBytes + overheadBytes) - read - kernel);
      return framesSkipped;
    };
    for (let frame = 0; frame < 150 && (await look()) === 0; frame += 1) await show.frame();
    // Full queues: more of the stream changes nothing.
    const full = await statsOf(stage, 'slow');
    for (let frame = 0; frame < 2 * framesPerGroup; frame += 1) {
      await show.frame();
      await look();
    }
    const { packetsSent, framesSkipped } = await statsOf(stage, 'slow');
    t.diagnostic(`${mostOwed} bytes owed at most, ${packetsSent} packets taken, ${framesSkipped} frames left out`);
    assert.equal(packetsSent, full.packetsSent);
    assert.ok(framesSkipped > full.framesSkipped, 'frames were left out');
    assert.ok(mostOwed > 0 && mostOwed <= maxQueueBytes, `${mostOwed} bytes were owed`);
    assertWhole(stage, guests);

    const before = stage.histories.video.end;
    slow.client.resume();
    await until('it is at the live edge', async () => {
      await show.frame();
      return slow.video().some(({ payload }) => markOf(payload) >= before + framesPerGroup * packetsPerFrame);
    });
    await until('it has the newest packet', () => marks(slow.video()).at(-1) === stage.histories.video.end - 1);
    assertNoGap(slow.video());
    const jumps = marks(slow.video()).filter((mark, n, all) => n > 0 && mark !== (all[n - 1] ?? 0) + 1);
    assert.ok(jumps.length >= 1);
    for (const mark of jumps) assert.ok(show.keys.includes(mark), `goes on at ${mark}, which begins no keyframe`);
    assertWhole(stage, guests);
  });

  test(`${fanout}: one who loses 30 % and asks for all of it again costs 25 others nothing`, async (t) => {
    const stage = setAudienceStage(t, { perShard: 100, maxShards: 0, fanout });
    const guests = await enterOthers(stage);
    let [heard, isLossy] = [0, true];
    const hearsMedia = (): boolean => {
      heard += 1;
      return !isLossy || heard % 10 < 7;
    };
    const lossy = await stage.enter('lossy', { hearsMedia });
    const show = createShow(stage, guests);
    const asked = new Set<number>();
    for (let frame = 0; frame < 40; frame += 1) {
      await show.frame();
      const numbers = new Set(lossy.video().map(({ sequence }) => sequence));
      const [first = 0, last = 0] = [lossy.video()[0]?.sequence, lossy.video().at(-1)?.sequence];
      for (let sequence = first; sequence < last; sequence += 1) {
        if (numbers.has(sequence) || asked.has(sequence)) continue;
        asked.add(sequence);
        lossy.nack(sequence);
      }
    }
    const all = 40 * packetsPerFrame;
    assert.ok(lossy.video().length < 0.75 * all && asked.size > 0.2 * all, `${asked.size} packets were missed`);
    await until('some are sent again', async () => (await statsOf(stage, 'lossy')).packetsResent > 0);
    const { packetsResent, framesSkipped, packetsSent } = await statsOf(stage, 'lossy');
    t.diagnostic(`${asked.size} asked for, ${packetsResent} sent again`);
    assert.deepEqual([packetsSent, framesSkipped], [all, 0], 'loss on its way takes no frame from it');
    assertWhole(stage, guests);

    isLossy = false;
    const before = lossy.video().length;
    for (let frame = 0; frame < framesPerGroup; frame += 1) await show.frame();
    const packets = await lossy.whenVideo(before + framesPerGroup * packetsPerFrame);
    assertNoGap(packets.slice(before));
    assertWhole(stage, guests);
  });
}
