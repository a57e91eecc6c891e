import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roundTripMs } from '../../../../src/core/rtcp/receiver-report.js';

const block = {
  ssrc: 1,
  fractionLost: 0,
  cumulativeLost: 0,
  highestSequence: 0,
  jitter: 0,
  lastSr: 0xb705_2000,
  delaySinceLastSr: 0x0005_4000,
};

test('the example of RFC 3550 figure 2 gives 6.125 s', () => {
  assert.equal(roundTripMs(block, 0xb710_8000), 6125);
});

test('the clock may wrap between the two reports', () => {
  assert.equal(roundTripMs({ ...block, lastSr: 0xffff_0000, delaySinceLastSr: 0x8000 }, 0x0000_0000), 500);
});

test('a report that names no sender report, or a time that cannot be, gives none', () => {
  assert.equal(roundTripMs({ ...block, lastSr: 0 }, 0xb710_8000), null);
  assert.equal(roundTripMs({ ...block, lastSr: 0xb710_9000, delaySinceLastSr: 0 }, 0xb710_8000), null);
  assert.equal(roundTripMs({ ...block, delaySinceLastSr: 0x7fff_ffff }, 0xb710_8000), null);
  assert.equal(roundTripMs({ ...block, delaySinceLastSr: 0 }, 0xb710_8000 + 120 * 65_536), null);
});

test('clocks that round differently never make it negative', () => {
  assert.equal(roundTripMs({ ...block, lastSr: 0xb710_8001, delaySinceLastSr: 0 }, 0xb710_8000), 0);
});
