import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reception } from '../../../../src/core/receive/reception.js';

const videoHz = 90_000;

function receive(reception: Reception, sequences: readonly number[]): void {
  for (const sequence of sequences) reception.saw({ sequence, rtpTs: 0 }, videoHz, 0);
}

test('losses are counted in all and since the last report, over the wrap of the numbers', () => {
  const reception = new Reception(7);
  assert.equal(reception.take(0), null);
  receive(reception, [65_533, 65_534, 0, 1]);
  const { ssrc, fractionLost, packetsLost, highestSequence, lsr, dlsr } = reception.take(0) ?? assert.fail();
  assert.deepEqual([ssrc, fractionLost, packetsLost, highestSequence, lsr, dlsr], [7, 51, 1, 65_537, 0, 0]);
  receive(reception, [2, 3]);
  assert.deepEqual([reception.take(0)?.fractionLost, reception.take(0)?.packetsLost], [0, 1]);
});

test('packets that come twice never make a negative loss', () => {
  const reception = new Reception(7);
  receive(reception, [1, 2, 2, 2]);
  assert.deepEqual([reception.take(0)?.fractionLost, reception.take(0)?.packetsLost], [0, 0]);
});

test('jitter is that of arrival against RTP time, smoothed', () => {
  const reception = new Reception(7);
  for (const [n, atMs] of [0, 20, 40, 70].entries()) {
    reception.saw({ sequence: n, rtpTs: (0xffff_ff00 + n * 1800) >>> 0 }, videoHz, atMs);
  }
  assert.equal(reception.take(70)?.jitter, Math.round(900 / 16));
});

test('the newest sender report is named, with its age', () => {
  const reception = new Reception(7);
  receive(reception, [1]);
  reception.reported(0x1234 * 1000, 500);
  const { lsr, dlsr } = reception.take(1500) ?? assert.fail();
  assert.deepEqual([lsr, dlsr], [(((0x1234 + 2_208_988_800) & 0xffff) << 16) >>> 0, 65_536]);
});
