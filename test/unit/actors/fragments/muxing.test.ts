import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Muxing } from '../../../../actors/fragments/muxing.js';
import type { AudioUnit } from '../../../../actors/fragments/units.js';
import type { FragmentMessage } from '../../../../src/core/fragments/fragment.js';

const config = {
  codec: 'Opus',
  sampleRateHz: 48_000,
  channels: 2,
  opusHead: new Uint8Array(19),
  isPlain: true,
} as const;
const frameMs = 20;

test('audio that comes before any video is kept for some seconds at most', () => {
  const written: number[] = [];
  const emitted: FragmentMessage[] = [];
  let isAudioAlone = false;
  const muxing = new Muxing({
    spec: { hasAudio: true, hasVideo: true },
    isAudioAlone: () => isAudioAlone,
    hasAudio: () => true,
    emit: (message) => emitted.push(message),
    open: () => ({
      init: Uint8Array.of(0),
      codecs: ['opus'],
      write: ({ dts }) => {
        written.push(dts);
        return Uint8Array.of(1);
      },
      close: () => {},
    }),
  });
  muxing.caughtUp();
  // One frame of 20 ms of CELT (RFC 6716 3.1).
  const frame = (n: number): AudioUnit => ({
    track: 'audio',
    config,
    data: Uint8Array.of(0xf8, 1, 2),
    mediaMs: n * frameMs,
  });
  const frames = 2000;
  for (let n = 0; n < frames; n += 1) muxing.push(frame(n));
  assert.deepEqual(emitted, [], 'its video may come yet');
  isAudioAlone = true;
  muxing.push(frame(frames));
  assert.ok(written.length > 100 && written.length <= 200, `${written.length} frames`);
  assert.equal(written.at(-1), (frames * frameMs * config.sampleRateHz) / 1000);
});
