import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFeedbackAdapter, type LookUpSent } from '../../../../src/core/bandwidth/feedback-adapter.js';
import type { TwccFeedback } from '../../../../src/core/rtcp/twcc-feedback.js';

/** All numbers were sent, each a ms after the one before. */
const all: LookUpSent = (first, count) =>
  Array.from({ length: count }, (_, n) => ({ sentMs: (first + n) % 65_536, bytes: 100 }));
const twcc = (firstSequence: number, arrivedMs: TwccFeedback['arrivedMs'], reference64ms = 0): TwccFeedback => ({
  kind: 'twcc',
  firstSequence,
  reference64ms,
  arrivedMs,
});

test('what was reported before is not reported again, and what came late in between is left out', () => {
  const adapter = createFeedbackAdapter();
  assert.deepEqual(adapter.read(twcc(10, [1, null, 3]), all), [
    { sentMs: 10, bytes: 100, arrivedMs: 1 },
    { sentMs: 11, bytes: 100, arrivedMs: null },
    { sentMs: 12, bytes: 100, arrivedMs: 3 },
  ]);
  const again = adapter.read(twcc(11, [2, 3, 4]), all);
  assert.deepEqual(again, [{ sentMs: 13, bytes: 100, arrivedMs: 4 }]);
  assert.deepEqual(adapter.read(twcc(5, [1, 1]), all), []);
});

test('numbers and reference times go over their ends, forward and backward', () => {
  const adapter = createFeedbackAdapter();
  const top = 2 ** 24 - 1;
  const times = (reference64ms: number, first: number): readonly (number | null)[] =>
    adapter.read(twcc(first, [0.25], reference64ms), all).map(({ arrivedMs }) => arrivedMs);
  assert.deepEqual(times(top, 65_535), [top * 64 + 0.25]);
  assert.deepEqual(times(0, 0), [(top + 1) * 64 + 0.25]);
  assert.deepEqual(times(top, 1), [top * 64 + 0.25]);
  assert.deepEqual(times(2, 2), [(top + 3) * 64 + 0.25]);
  assert.deepEqual(times(2, 65_535), [], 'a number of the round before');
});

test('numbers that are not known are passed over, and do not count as reported', () => {
  const adapter = createFeedbackAdapter();
  const until: (end: number) => LookUpSent = (end) => (first, count) =>
    all(first, count).map((packet, n) => (first + n < end ? packet : null));
  assert.equal(adapter.read(twcc(0, [1, 2, 3, 4]), until(2)).length, 2);
  assert.equal(adapter.read(twcc(9000, [1]), until(2)).length, 0);
  assert.equal(adapter.read(twcc(2, [3, 4]), until(4)).length, 2);
});
