/** Who gets what when: over the TypeScript fan-out, with time that passes when told. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RtpHeader } from 'werift';
import type { Distribution } from '../../../../actors/fanout/distribution.js';
import { createDistributor } from '../../../../actors/fanout/distributor.js';
import { createFanoutJs } from '../../../../actors/fanout/fanout-js.js';
import { leftSubscriptionOf } from '../../../../actors/fanout/left-subscription.js';
import { SessionNumbers, trackWord } from '../../../../actors/fanout/session-numbers.js';
import type { Subscription } from '../../../../actors/fanout/subscription.js';
import { createReportWriter } from '../../../../src/core/rtcp/sender-report.js';
import { createRtpHistory } from '../../../../src/core/rtp/rtp-history.js';
import { createSrtcpReceiver } from '../../../../src/core/srtp/srtp.js';
import type { SrtpKeys } from '../../../../src/core/srtp/srtp-keys.js';
import { idOf, publish } from '../../../support/fanout/fanout-stage.js';
import { writeNack } from '../../../support/rtp/rtcp-writer.js';
import { randomSrtpKeys, weriftSession } from '../../../support/rtp/rtp-receiver.js';
import { bytes } from '../../core/rtcp/rtcp-cases.js';

const ssrc = 0x8222_2222;
const joinPaceMs = 30;
const pli = bytes('81 ce 0002 deadbeef 82222222');

function setUp(t: TestContext, options: Partial<Distribution> = {}) {
  t.mock.timers.enable({ apis: ['setInterval', 'setImmediate', 'setTimeout'] });
  const audioHistory = createRtpHistory({ maxBytes: 65_536, maxPackets: 1024 });
  const videoHistory = createRtpHistory({ maxBytes: 1_048_576, maxPackets: 4096 });
  let nowMs = 0;
  const distributor = createDistributor({
    fanout: createFanoutJs({ audio: audioHistory, video: videoHistory }),
    audioHistory,
    audioClockHz: 48_000,
    videoHistory,
    joinPaceMs,
    isSourceVideo: true,
    writeReport: createReportWriter('sluice'),
    catchUp: 'gop',
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    rtpTimeAt: () => null,
    hasRoom: () => true,
    ...options,
  });
  t.after(() => distributor.close());

  /** `before`: the same session, which another thread goes on with. */
  const join = (before?: { readonly keys: SrtpKeys; readonly numbers: SessionNumbers }) => {
    const { keys, numbers } = before ?? { keys: randomSrtpKeys('AEAD_AES_128_GCM'), numbers: new SessionNumbers() };
    const { profile, localKey, localSalt, remoteKey, remoteSalt } = keys;
    const mirrored = {
      profile,
      localKey: remoteKey,
      localSalt: remoteSalt,
      remoteKey: localKey,
      remoteSalt: localSalt,
    };
    const rtp = weriftSession(mirrored);
    let isFull = false;
    /** Of the video, by the numbers that they have in the history; and what came that is RTCP. */
    const packets: number[] = [];
    const heard: number[] = [];
    const rtcp: string[] = [];
    const theirs = createSrtcpReceiver(profile, localKey, localSalt);
    const send = (datagram: Uint8Array): boolean => {
      if (isFull) return false;
      const type = datagram[1] ?? 0;
      if (type >= 192 && type <= 223) rtcp.push(Buffer.from(theirs.open(datagram) ?? []).toString('hex'));
      else {
        const plain = rtp.decrypt(Buffer.from(datagram));
        (RtpHeader.deSerialize(plain).ssrc === ssrc ? packets : heard).push(idOf(plain.subarray(12)));
      }
      return true;
    };
    const video = { ssrc, payloadType: 102, rtx: null };
    const audio = { ssrc: 0x1111_1111, payloadType: 111, rtx: null };
    const subscription: Subscription = distributor.join(
      { keys, numbers, send, route: () => null, audio, video, twcc: null },
      before === undefined ? null : leftSubscriptionOf(numbers, true),
    );
    return {
      keys,
      numbers,
      subscription,
      packets,
      audio: heard,
      rtcp,
      report: (packet: Uint8Array) => subscription.receiveRtcp(packet, 0),
      fill: (full: boolean) => {
        isFull = full;
      },
    };
  };
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 1) {
      nowMs += 1;
      t.mock.timers.tick(1);
    }
  };
  /** Frames of so many packets each, 33 ms apart. */
  const frames = (count: number, packetsEach: number, startsGop = false): void => {
    for (let n = 0; n < count; n += 1) {
      publish(videoHistory, 0, Array<number>(packetsEach).fill(100), startsGop && n === 0);
      distributor.published('video');
      pass(33);
    }
  };
  return { distributor, audioHistory, videoHistory, join, pass, frames };
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, n) => from + n);

test('a new viewer gets the cached frames over some milliseconds, and then what comes', (t) => {
  const { join, pass, frames, videoHistory } = setUp(t);
  frames(30, 3, true);
  const viewer = join();
  assert.equal(viewer.packets.length, 32, 'as many as a frame may have that goes out at once');
  pass(joinPaceMs / 4);
  const halfWay = viewer.packets.length;
  assert.ok(halfWay > 50 && halfWay < 70, `${halfWay} of 90 packets after half of the time`);
  pass(joinPaceMs / 2 + 2);
  assert.equal(viewer.packets.length, 90);
  frames(2, 3);
  assert.deepEqual(viewer.packets, range(0, videoHistory.end));
});

test('a viewer that another thread goes on with gets what comes next of audio and video, and what it lost before', (t) => {
  const { audioHistory, distributor, join, pass, frames, videoHistory } = setUp(t);
  frames(4, 3, true);
  const sing = (packets: number): void => {
    publish(audioHistory, 0, Array<number>(packets).fill(50));
    distributor.published('audio');
  };
  const before = join();
  pass(joinPaceMs);
  sing(3);
  before.subscription.take();
  const { end } = videoHistory;
  frames(2, 3);
  sing(2);
  const after = join(before);
  sing(1);
  pass(joinPaceMs);
  assert.deepEqual([before.packets, before.audio], [range(0, end), [0, 1, 2]]);
  assert.deepEqual([after.packets, after.audio], [range(end, end + 6), [3, 4, 5]]);
  const first = (before.numbers.track('video')[trackWord.extended] ?? 0) - videoHistory.end;
  after.packets.length = 0;
  // And the third behind it.
  after.report(writeNack(ssrc, (first + end - 2) % 0x1_0000, 0b100));
  assert.deepEqual(after.packets, [end - 2, end + 1]);
  frames(2, 3);
  assert.deepEqual(after.packets.slice(2), range(end + 6, videoHistory.end));
});

test('one that waited for a keyframe then waits on', (t) => {
  const { join, frames, videoHistory } = setUp(t);
  frames(2, 3);
  const before = join();
  frames(2, 3);
  before.subscription.take();
  const after = join(before);
  frames(2, 3);
  assert.deepEqual(after.packets, []);
  const { end } = videoHistory;
  frames(2, 3, true);
  assert.deepEqual(after.packets, range(end, videoHistory.end));
});

test('a new viewer comes to the live edge of a stream of many packets too', (t) => {
  const { join, frames, videoHistory } = setUp(t);
  frames(10, 40, true);
  const viewer = join();
  // 1,200 packets a second.
  frames(60, 40);
  assert.deepEqual(viewer.packets, range(0, videoHistory.end));
  assert.equal(viewer.subscription.stats.framesSkipped, 0);
});

test('a viewer that joins when there is no keyframe gets nothing until there is one', (t) => {
  const { join, frames, videoHistory } = setUp(t);
  frames(3, 2);
  const viewer = join();
  frames(3, 2);
  assert.deepEqual(viewer.packets, []);
  frames(2, 2, true);
  assert.deepEqual(viewer.packets, range(12, videoHistory.end));
});

test('with keyframe-only a new viewer gets nothing of the cache, and all from the next keyframe on', (t) => {
  const { join, pass, frames, videoHistory } = setUp(t, { catchUp: 'keyframe-only' });
  frames(10, 3, true);
  const viewer = join();
  frames(5, 3);
  pass(2000);
  assert.deepEqual(viewer.packets, []);
  viewer.report(pli);
  assert.deepEqual(viewer.packets, [], 'not even when it asks');
  frames(3, 3, true);
  assert.deepEqual(viewer.packets, range(45, videoHistory.end));
  viewer.report(pli);
  pass(100);
  assert.deepEqual(viewer.packets, range(45, videoHistory.end));
  assert.equal(viewer.subscription.stats.framesSkipped, 5, 'what came while it waited');
});

test('who asks for a keyframe gets the group anew, slower, once a second, and no more than twice of what there is', (t) => {
  const { join, pass, frames, videoHistory } = setUp(t);
  frames(30, 3, true);
  const viewer = join();
  pass(joinPaceMs + 2);
  viewer.packets.length = 0;
  viewer.report(pli);
  pass((joinPaceMs * 90) / 120);
  assert.ok(viewer.packets.length < 60, `${viewer.packets.length} of a burst that takes twice as long`);
  pass(joinPaceMs);
  assert.deepEqual(viewer.packets, range(0, 90));
  for (let n = 0; n < 100; n += 1) {
    viewer.report(pli);
    pass(5);
  }
  assert.equal(viewer.packets.length, 90, 'a second has not passed');
  for (let n = 0; n < 1000; n += 1) {
    viewer.report(pli);
    pass(10);
  }
  assert.equal(viewer.packets.length, 180, 'twice of what there is of the group');
  frames(30, 3, true);
  viewer.packets.length = 0;
  viewer.report(pli);
  pass(2 * joinPaceMs);
  assert.deepEqual(viewer.packets, range(90, videoHistory.end), 'of the next group again');
});

test('a viewer that takes no more skips to the next keyframe, nothing is kept for it, and others do not notice', (t) => {
  const { join, pass, frames, videoHistory } = setUp(t);
  frames(10, 3, true);
  const [slow, other] = [join(), join()];
  pass(joinPaceMs + 2);
  slow.fill(true);
  frames(20, 3);
  assert.equal(slow.packets.length, 30);
  frames(5, 3, true);
  assert.equal(slow.packets.length, 30);
  slow.fill(false);
  pass(joinPaceMs + 2);
  assert.deepEqual(slow.packets, [...range(0, 30), ...range(90, videoHistory.end)]);
  assert.equal(slow.subscription.stats.framesSkipped, 20);
  assert.deepEqual(other.packets, range(0, videoHistory.end));
  assert.equal(other.subscription.stats.framesSkipped, 0);
});

test('the statistics show what the viewer reports, and its own estimate of what it can take', (t) => {
  const { join, frames } = setUp(t);
  frames(1, 1, true);
  const viewer = join();
  const before = viewer.subscription.stats;
  assert.deepEqual([before.lossFraction, before.jitterMs, before.estimateKbps], [0, null, null]);
  // Lost 64/256, jitter 450 ticks of 90 kHz; then an extended report, which is passed over, and REMB.
  const report = bytes('81 c9 0007 deadbeef 82222222 40 00000c 0002fffe 000001c2 00000000 00000000');
  const extended = bytes('80 cf 0004 deadbeef 04 00 0002 0000000000000000');
  viewer.report(Buffer.concat([report, extended, bytes('8f ce 0005 deadbeef 00000000 52454d42 01 0bfd58 82222222')]));
  const after = viewer.subscription.stats;
  assert.deepEqual(
    [after.lossFraction, after.jitterMs, after.estimateKbps],
    [0.25, 5, Math.round((0x3_fd58 * 4) / 1000)],
  );
});

test('a viewer that leaves gets BYE', (t) => {
  const { join } = setUp(t);
  const viewer = join();
  viewer.subscription.leave();
  assert.deepEqual(viewer.rtcp, ['80c900011111111182cb00021111111182222222']);
});

test('viewers whose packets left the history while the thread stood still go on: video with a keyframe, audio at once', (t) => {
  const { audioHistory, distributor, join, pass, frames, videoHistory } = setUp(t);
  frames(2, 3, true);
  const viewer = join();
  pass(joinPaceMs + 2);
  viewer.packets.length = 0;
  publish(videoHistory, 0, Array<number>(12_000).fill(100));
  const gopStart = videoHistory.end;
  publish(videoHistory, 0, Array<number>(30).fill(100), true);
  publish(audioHistory, 0, Array<number>(3000).fill(50));
  assert.ok(videoHistory.first > 6 && audioHistory.first > 0);
  distributor.published('video');
  distributor.published('audio');
  pass(1000 + joinPaceMs);
  assert.deepEqual(viewer.packets, range(gopStart, videoHistory.end));
  assert.equal(viewer.audio.length, 0);
  publish(audioHistory, 0, [50]);
  distributor.published('audio');
  assert.deepEqual(viewer.audio, [3000]);
  frames(1, 2);
  assert.deepEqual(viewer.packets, range(gopStart, videoHistory.end));
});
