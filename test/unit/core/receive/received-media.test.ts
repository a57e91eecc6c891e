import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAudioTag } from '../../../../src/core/flv/audio-tag.js';
import { parseVideoTag } from '../../../../src/core/flv/video-tag.js';
import { type PayloadKind, ReceivedMedia, type ReceivedPacket } from '../../../../src/core/receive/received-media.js';
import type { ReceivedTrack } from '../../../../src/core/receive/sender-clock.js';

const payloads: ReadonlyMap<number, PayloadKind> = new Map<number, PayloadKind>([
  [96, { kind: 'video' }],
  [97, { kind: 'rtx' }],
  [111, { kind: 'audio', codec: 'Opus' }],
  [8, { kind: 'audio', codec: 'PCMA' }],
]);
const [videoSsrc, rtxSsrc, audioSsrc] = [1, 2, 3];
const idr = Uint8Array.of(0x65, 1, 2, 3);
const slice = Uint8Array.of(0x41, 4, 5, 6);
const opus = Uint8Array.of(0xfc, 9, 9);

const video = (sequence: number, ms: number, payload = slice): ReceivedPacket => {
  return { sequence, rtpTs: (7000 + ms * 90) >>> 0, marker: true, payload, payloadType: 96, ssrc: videoSsrc };
};
const audio = (sequence: number, ms: number): ReceivedPacket => {
  return { sequence, rtpTs: ms * 48, marker: false, payload: opus, payloadType: 111, ssrc: audioSsrc };
};
const both: ReadonlySet<ReceivedTrack> = new Set<ReceivedTrack>(['audio', 'video']);
const videoAlone: ReadonlySet<ReceivedTrack> = new Set<ReceivedTrack>(['video']);

/** What has gone on, as its kind and time. */
function drained(media: ReceivedMedia): readonly string[] {
  return media.drain().map(({ track, timestampMs, body }) => {
    const tag = track === 'video' ? parseVideoTag(body) : parseAudioTag(body);
    const isKey = tag.kind === 'frame' && 'isKeyframe' in tag && tag.isKeyframe;
    return `${track} ${isKey ? 'key' : tag.kind} ${timestampMs}`;
  });
}

test('both tracks come out as FLV tags with stamps of one clock, once their reports have come', () => {
  const media = new ReceivedMedia({ payloads, expected: both });
  assert.deepEqual(drained(media), ['audio config 0']);
  // A cached GOP: video of two seconds ago, and audio of now.
  media.packet(video(1, 0, idr), 1000);
  media.packet(audio(1, 2000), 1001);
  media.packet(video(2, 33), 1002);
  media.report('video', 50_000, (7000 + 2000 * 90) >>> 0, 1200);
  assert.deepEqual(drained(media), []);
  media.report('audio', 50_000, 2000 * 48, 1300);
  assert.deepEqual(drained(media), ['video key 1000', 'audio frame 3000', 'video frame 1033']);
  media.packet(audio(2, 2020), 1310);
  assert.deepEqual(drained(media), ['audio frame 3020'], 'from now on at once');
});

test('reports that do not come are waited for a moment alone; one track alone waits for none', () => {
  const media = new ReceivedMedia({ payloads, expected: both });
  media.packet(video(1, 0, idr), 1000);
  media.packet(audio(1, 0), 1001);
  media.tick(2400);
  assert.deepEqual(drained(media), ['audio config 0']);
  media.tick(2500);
  assert.deepEqual(drained(media), ['video key 1000', 'audio frame 1001']);
  const alone = new ReceivedMedia({ payloads, expected: videoAlone });
  alone.packet(video(1, 0, idr), 1000);
  assert.deepEqual(drained(alone), ['video key 1000']);
});

test('a lost packet is asked for, and what is sent again beside the stream fills its place', () => {
  const media = new ReceivedMedia({ payloads, expected: videoAlone });
  media.packet(video(10, 0, idr), 1000);
  media.packet(video(12, 66), 1066);
  assert.deepEqual(media.asks(1066), [{ ssrc: videoSsrc, sequences: [11] }]);
  const again = { ...video(500, 33, Uint8Array.of(0, 11, ...slice)), payloadType: 97, ssrc: rtxSsrc };
  media.packet(again, 1080);
  assert.deepEqual(drained(media), ['video key 1000', 'video frame 1033', 'video frame 1066']);
  assert.deepEqual(media.asks(1100), []);
  assert.equal(media.lost, 0);
});

test('what cannot be repaired costs the pictures up to the next keyframe, which is asked for less and less often', () => {
  const media = new ReceivedMedia({ payloads, expected: videoAlone });
  media.packet(video(1, 0, idr), 0);
  media.packet(video(3, 66), 66);
  media.tick(600);
  media.packet(video(4, 633), 633);
  assert.deepEqual(drained(media), ['video key 0']);
  assert.equal(media.lost, 1);
  const asked: number[] = [];
  for (let nowMs = 633; nowMs < 9000; nowMs += 10) if (media.wantsKeyframe(nowMs) === videoSsrc) asked.push(nowMs);
  assert.deepEqual(asked, [933, 1533, 2733, 5133]);
  media.packet(video(5, 9000, idr), 9000);
  assert.deepEqual(drained(media), ['video key 9000']);
  assert.equal(media.wantsKeyframe(9000), null);
});

test('a source that sends no keyframe by itself is asked for one each twenty seconds', () => {
  const media = new ReceivedMedia({ payloads, expected: videoAlone });
  media.packet(video(1, 0, idr), 0);
  const asked: number[] = [];
  for (let nowMs = 0; nowMs <= 45_000; nowMs += 100) if (media.wantsKeyframe(nowMs) !== null) asked.push(nowMs);
  assert.deepEqual(asked, [20_000, 40_000]);
});

test('a group that is sent again for a loss is taken from where the pictures ended', () => {
  const media = new ReceivedMedia({ payloads, expected: videoAlone });
  for (const [n, ms] of [0, 33, 66].entries()) media.packet(video(n, ms, n === 0 ? idr : slice), ms);
  media.packet(video(4, 133), 133);
  media.tick(700);
  for (const [n, ms] of [0, 33, 66, 100, 133, 166].entries()) {
    media.packet(video(5 + n, ms, n === 0 ? idr : slice), 700);
  }
  assert.deepEqual(drained(media), [
    'video key 0',
    'video frame 33',
    'video frame 66',
    'video frame 100',
    'video frame 133',
    'video frame 166',
  ]);
});

test('another SSRC is another stream: its numbers and times begin anywhere', () => {
  const media = new ReceivedMedia({ payloads, expected: videoAlone });
  media.packet(video(100, 5000, idr), 0);
  media.packet({ ...video(7, 0, idr), ssrc: 99 }, 40);
  assert.deepEqual(drained(media), ['video key 0', 'video key 40']);
  assert.equal(media.trackOf(99), 'video');
  assert.equal(media.trackOf(videoSsrc), null);
});

test('G.711 is taken under its own clock; payload types that were not offered are left out', () => {
  const media = new ReceivedMedia({ payloads, expected: new Set<ReceivedTrack>(['audio']) });
  for (const n of [0, 1]) {
    media.packet({ ...audio(n, 0), rtpTs: n * 160, payloadType: 8, payload: new Uint8Array(160) }, 1000);
  }
  media.packet({ ...audio(2, 40), payloadType: 77 }, 1040);
  assert.deepEqual(drained(media), ['audio config 0', 'audio frame 1000', 'audio frame 1020']);
});

test('whatever packets come, in whatever order, what goes on are tags with stamps of 32 bits', () => {
  const packet = fc.record({
    payloadType: fc.constantFrom(96, 97, 111, 8, 50),
    ssrc: fc.nat(3),
    sequence: fc.nat(0xffff),
    rtpTs: fc.nat(0xffff_ffff),
    marker: fc.boolean(),
    payload: fc.uint8Array({ maxLength: 30 }),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(packet, fc.nat(700)), { maxLength: 60 }), (packets) => {
      const media = new ReceivedMedia({ payloads, expected: both });
      let nowMs = 0;
      for (const [one, laterMs] of packets) {
        nowMs += laterMs;
        media.packet(one, nowMs);
        media.report(one.ssrc % 2 === 0 ? 'audio' : 'video', nowMs * 7, one.rtpTs, nowMs);
        media.tick(nowMs);
        for (const { timestampMs, body } of media.drain()) {
          assert.ok(Number.isInteger(timestampMs) && timestampMs >= 0 && timestampMs < 2 ** 32 && body.length > 0);
        }
        for (const { sequences } of media.asks(nowMs)) assert.ok(sequences.length <= 200);
        for (const { fractionLost } of media.reports(nowMs)) assert.ok(fractionLost >= 0 && fractionLost <= 255);
        media.wantsKeyframe(nowMs);
      }
    }),
  );
});
