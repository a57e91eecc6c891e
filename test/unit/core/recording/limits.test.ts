import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordingPart } from '../../../../src/core/recording/part.js';
import { outdatedParts } from '../../../../src/core/recording/retention.js';
import { parseRotation } from '../../../../src/core/recording/rotation.js';

test('rotation is by seconds or by megabytes, and nothing else', () => {
  assert.deepEqual(parseRotation('90'), { afterMs: 90_000, afterBytes: null });
  assert.deepEqual(parseRotation('20M'), { afterMs: null, afterBytes: 20_971_520 });
  assert.deepEqual(parseRotation(''), { afterMs: null, afterBytes: null });
  for (const text of ['-1', '20K', '1.5', '0M', 'M', '99999999', ' 5']) assert.equal(parseRotation(text), null, text);
});

const part = (n: number, state: RecordingPart['state'] = 'finished'): RecordingPart => ({
  partId: String(n),
  recordingId: '',
  number: 1,
  streamName: '',
  mediaSessionId: '',
  template: '',
  state,
  fileName: null,
  startedAtMs: n * 1000,
  durationMs: 1000,
  sizeBytes: 100,
  videoCodec: null,
  audioCodec: null,
  width: 0,
  height: 0,
});
const idsOf = (parts: readonly RecordingPart[]): readonly string[] => parts.map(({ partId }) => partId);

test('the oldest files go first, until the rest is not too much; what is being recorded counts and stays', () => {
  const parts = [part(3), part(1), part(0, 'recording'), part(2)];
  assert.deepEqual(idsOf(outdatedParts(parts, { maxTotalBytes: 250, maxAgeMs: 0, lackingBytes: 0 }, 10_000)), [
    '1',
    '2',
  ]);
  assert.deepEqual(idsOf(outdatedParts(parts, { maxTotalBytes: 0, maxAgeMs: 0, lackingBytes: 0 }, 10_000)), []);
});

test('a file goes so long after its end', () => {
  const limits = { maxTotalBytes: 0, maxAgeMs: 5000, lackingBytes: 0 };
  assert.deepEqual(idsOf(outdatedParts([part(1), part(2), part(3)], limits, 7001)), ['1']);
});

test('where bytes are lacking the oldest files go, as many as that takes', () => {
  const parts = [part(3), part(1), part(0, 'recording'), part(2)];
  const lacking = (lackingBytes: number) =>
    idsOf(outdatedParts(parts, { maxTotalBytes: 0, maxAgeMs: 0, lackingBytes }, 10_000));
  assert.deepEqual(lacking(100), ['1']);
  assert.deepEqual(lacking(101), ['1', '2']);
  assert.deepEqual(lacking(1000), ['1', '2', '3']);
});
