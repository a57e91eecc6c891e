import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAudioTimes } from '../../../../src/core/fragments/audio-times.js';
import type { Fragment, InitSegment } from '../../../../src/core/fragments/fragment.js';
import { rebase } from '../../../../src/core/fragments/rebase.js';
import { createRecentFragments } from '../../../../src/core/fragments/recent-fragments.js';

function box(type: string, ...content: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), ...content]);
  bytes.writeUInt32BE(bytes.length);
  return bytes;
}

const tfdt = (version: 0 | 1, time: number): Uint8Array => {
  const content = Buffer.alloc(version === 1 ? 12 : 8);
  content[0] = version;
  if (version === 1) content.writeBigUInt64BE(BigInt(time), 4);
  else content.writeUInt32BE(time, 4);
  return box('tfdt', content);
};
const fragmentAt = (version: 0 | 1, time: number): Uint8Array =>
  box('moof', box('mfhd', Buffer.alloc(8)), box('traf', box('tfhd', Buffer.alloc(8)), tfdt(version, time)));

test('the decode time of a fragment is moved, in both its forms, and nothing else', () => {
  for (const version of [0, 1] as const) {
    const bytes = Buffer.from(fragmentAt(version, 90_000));
    assert.equal(rebase(bytes, 60_000), true);
    assert.deepEqual(bytes, Buffer.from(fragmentAt(version, 30_000)));
    assert.equal(rebase(bytes, 60_000), true);
    assert.deepEqual(bytes, Buffer.from(fragmentAt(version, 0)));
  }
});

test('bytes that are no fragment are left alone', () => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.alloc(40),
    Buffer.from(box('moof', box('traf'))),
    Buffer.from(box('mdat')),
  ]) {
    const before = Buffer.from(bytes);
    assert.equal(rebase(bytes, 1), false);
    assert.deepEqual(bytes, before);
  }
});

const init: InitSegment = {
  kind: 'init',
  data: Uint8Array.of(1),
  codecs: ['avc1.64001f'],
  timescales: { video: 90_000, audio: 44_100 },
  videoCodec: 'H264',
  audioCodec: 'AAC',
  width: 640,
  height: 360,
};
const fragment = (startMs: number, isKeyframe: boolean, bytes = 10): Fragment => ({
  kind: 'fragment',
  track: 'video',
  data: new Uint8Array(bytes),
  isKeyframe,
  startMs,
  durationMs: 40,
});
const startsOf = (fragments: readonly Fragment[]): readonly number[] => fragments.map(({ startMs }) => startMs);

test('a new player begins with the newest keyframe, and not at all in half a GOP', () => {
  const recent = createRecentFragments(35);
  recent.add(init);
  recent.add(fragment(0, false));
  assert.deepEqual(startsOf(recent.fragments), []);
  for (const startMs of [40, 80, 120]) recent.add(fragment(startMs, startMs === 40));
  assert.deepEqual(startsOf(recent.fragments), [40, 80, 120]);
  recent.add(fragment(160, false));
  assert.deepEqual(startsOf(recent.fragments), []);
  recent.add(fragment(200, true));
  recent.add(fragment(240, false));
  assert.deepEqual(startsOf(recent.fragments), [200, 240]);
  recent.add(init);
  assert.deepEqual(startsOf(recent.fragments), []);
});

test('audio of whole-millisecond stamps goes on sample by sample, and stays with its stamps for an hour', () => {
  const times = createAudioTimes();
  const frameMs = 1024 / 44.1;
  // The source's clock is 100 ppm fast.
  const stamp = (n: number): number => Math.floor(n * frameMs * 1.0001);
  let last = times.place(stamp(0), frameMs) ?? Number.NaN;
  for (let n = 1; n < 155_000; n += 1) {
    const at = times.place(stamp(n), frameMs) ?? Number.NaN;
    assert.ok(Math.abs(at - last - frameMs) < 2, `a step of ${at - last} ms`);
    assert.ok(Math.abs(at - stamp(n)) < 10, `${at - stamp(n)} ms off after ${n} frames`);
    last = at;
  }
});

test('a hole in the audio stays one', () => {
  const times = createAudioTimes();
  for (let n = 0; n < 50; n += 1) times.place(Math.round(n * 20), 20);
  const at = times.place(3000, 20);
  assert.ok(at !== null && Math.abs(at - 3000) < 5, `${at}`);
});
