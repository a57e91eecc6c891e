import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { audioPacket, type MediaPacket, type PacketSetup, videoPacket } from '../../../../src/core/wcs/media-packet.js';
import { PacketClock } from '../../../../src/core/wcs/packet-clock.js';
import { RecentPackets, startOf } from '../../../../src/core/wcs/recent-packets.js';

const video = (atMs: number, isKeyframe = false): MediaPacket => ({
  kind: 'packet',
  track: 'video',
  data: videoPacket(Uint8Array.of(0, 0, 0, 1, 0x65), isKeyframe),
  isKeyframe,
  atMs,
});
const audio = (atMs: number): MediaPacket => ({
  kind: 'packet',
  track: 'audio',
  data: audioPacket(Uint8Array.of(1)),
  isKeyframe: false,
  atMs,
});
const setup = (...tracks: readonly ('video' | 'audio')[]): PacketSetup => ({
  kind: 'setup',
  video: tracks.includes('video') ? videoPacket(Uint8Array.of(7), true) : null,
  audio: tracks.includes('audio') ? audioPacket(Uint8Array.of(0)) : null,
});

/** "v1000 a1020": track and timestamp of each packet in a message. */
function inWords(message: Uint8Array | null): string {
  if (message === null) return 'nothing';
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const words: string[] = [];
  for (let at = 0; at < message.length; at += 9 + view.getUint32(at + 5))
    words.push(`${message[at] === 9 ? 'v' : 'a'}${view.getUint32(at + 1)}`);
  return words.join(' ');
}

function recentOf(...messages: Parameters<RecentPackets['add']>[0][]): RecentPackets {
  const recent = new RecentPackets(10_000);
  for (const message of messages) recent.add(message);
  return recent;
}

test('who joins begins with the setup, the newest keyframe, and the audio that goes with it', () => {
  const earlier = [video(1000, true), audio(1010), video(1040)];
  const recent = recentOf(
    setup('video', 'audio'),
    ...earlier,
    audio(1970),
    audio(1990),
    video(2000, true),
    audio(2010),
  );
  assert.equal(inWords(startOf(recent)), 'v2000 a2000 v2000 a2010');
});

test('nobody can begin before a keyframe, or behind one that was too large to keep', () => {
  assert.equal(startOf(recentOf(setup('video'), video(1000))), null);
  assert.equal(startOf(recentOf(video(1000, true))), null);
  const recent = new RecentPackets(50);
  for (const message of [setup('video'), video(0, true), video(40), video(80), video(120)]) recent.add(message);
  assert.equal(startOf(recent), null);
  recent.add(video(160, true));
  assert.equal(inWords(startOf(recent)), 'v160 v160');
});

test('other parameter sets make what was kept useless; another setup of audio does not', () => {
  const recent = recentOf(setup('video'), video(0, true));
  recent.add(setup('video', 'audio'));
  recent.add(audio(10));
  assert.equal(inWords(startOf(recent)), 'v0 a0 v0 a10');
  recent.add({ kind: 'setup', video: Uint8Array.of(9), audio: null });
  assert.equal(startOf(recent), null);
});

test('audio that is there is waited for; a stream that nobody played kept none, and is seen from where it is heard on', () => {
  const recent = recentOf(setup('video', 'audio'), video(0, true), video(400), video(800));
  assert.equal(startOf(recent), null);
  recent.add(audio(820));
  assert.equal(inWords(startOf(recent)), 'v780 a780 v780 v781 v800 a820');
});

test('of audio alone the last two seconds are kept', () => {
  const packets = Array.from({ length: 300 }, (_, n) => audio(n * 23));
  const words = inWords(startOf(recentOf(setup('audio'), ...packets))).split(' ');
  assert.deepEqual([words.length, words.at(-1)], [97, 'a6877']);
});

test('frames of a long GOP are shown from 2.2 s before its end on, in order, whatever their number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 100 }), (count, stepMs) => {
      const recent = new RecentPackets(1_000_000);
      recent.add(setup('video'));
      for (let n = 0; n < count; n += 1) recent.add(video(n * stepMs, n === 0));
      const stamps = inWords(startOf(recent))
        .split(' ')
        .slice(1)
        .map((word) => Number(word.slice(1)));
      const lastMs = (count - 1) * stepMs;
      assert.equal(stamps.length, count);
      assert.ok(stamps.every((stampMs, n) => n === 0 || stampMs >= (stamps[n - 1] ?? 0)));
      assert.ok((stamps[0] ?? 0) >= lastMs - 2200 && (stamps.at(-1) ?? 0) <= lastMs);
    }),
    { numRuns: 40 },
  );
});

test('timestamps begin near 0 and never run back, whatever media time does; audio that was sent before is left out', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 1e9 })), { minLength: 1 }), (sent) => {
      const clock = new PacketClock();
      const last = { video: -1, audio: -1 };
      for (const [isVideo, atMs] of sent) {
        const stamped = clock.stamp(isVideo ? video(atMs) : audio(atMs));
        if (stamped?.kind !== 'packet') continue;
        assert.ok(stamped.atMs > last[stamped.track]);
        assert.equal(inWords(stamped.data), `${isVideo ? 'v' : 'a'}${stamped.atMs}`);
        last[stamped.track] = stamped.atMs;
      }
    }),
  );
  const clock = new PacketClock();
  const stamps = [video(5_000_000, true), audio(4_999_980), video(5_000_040), video(4_000_000), audio(4_000_000)].map(
    (packet) => {
      const stamped = clock.stamp(packet);
      return stamped?.kind === 'packet' ? stamped.atMs : null;
    },
  );
  assert.deepEqual(stamps, [1000, 980, 1040, 1041, null]);
});
