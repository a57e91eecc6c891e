/** docs/reliability.md S7: a storm of requests makes no flood of answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewerFeedback, type FeedbackTwcc } from '../../../../actors/fanout/viewer-feedback.js';
import type { TwccFeedback } from '../../../../src/core/rtcp/twcc-feedback.js';

const nack = (count: number) =>
  ({ kind: 'nack', mediaSsrc: 2, sequences: Array.from({ length: count }, (_, n) => n) }) as const;
const pli = { kind: 'pli', mediaSsrc: 2 } as const;

function setUp(twcc: FeedbackTwcc | null = null) {
  const asked = { resent: 0, keyframes: 0 };
  const feedback = createViewerFeedback(
    { audio: { ssrc: 1, clockRateHz: 48_000 }, video: { ssrc: 2, clockRateHz: 90_000 } },
    {
      resend(_track, sequences) {
        asked.resent += sequences.length;
        return sequences.length;
      },
      keyframe() {
        asked.keyframes += 1;
      },
    },
    twcc,
  );
  return { feedback, asked };
}

test('packets are sent again at no more than twice the rate of the media', () => {
  const { feedback, asked } = setUp();
  for (const sent of [270, 270, 100, 1000]) {
    feedback.startInterval(sent);
    asked.resent = 0;
    for (let n = 0; n < 10_000; n += 1) feedback.take([nack(17)], n / 10, 0);
    assert.equal(asked.resent, 2 * sent);
  }
  feedback.startInterval(0);
  asked.resent = 0;
  for (let n = 0; n < 10_000; n += 1) feedback.take([nack(17)], n / 10, 0);
  assert.equal(asked.resent, 50, 'a viewer that was sent nothing of late may still miss its last packets');
});

test('a viewer gets a keyframe for its asking once a second, by PLI or FIR', () => {
  const { feedback, asked } = setUp();
  for (let ms = 0; ms < 10_000; ms += 1) {
    feedback.take([ms % 2 === 0 ? pli : { kind: 'fir', mediaSsrc: 2 }], ms, 0);
  }
  assert.equal(asked.keyframes, 10);
});

test('what is said of another stream changes nothing', () => {
  const { feedback, asked } = setUp();
  const block = {
    ssrc: 9,
    fractionLost: 0.5,
    cumulativeLost: 1,
    highestSequence: 1,
    jitter: 90,
    lastSr: 0,
    delaySinceLastSr: 0,
  };
  feedback.take(
    [
      { kind: 'nack', mediaSsrc: 9, sequences: [1] },
      { kind: 'receiverReport', blocks: [block] },
    ],
    0,
    0,
  );
  assert.equal(asked.resent, 0);
  assert.equal(feedback.reception.lossFraction, 0);
  // Of the audio, where there is video, neither.
  feedback.take([{ kind: 'receiverReport', blocks: [{ ...block, ssrc: 1 }] }], 0, 0);
  assert.equal(feedback.reception.lossFraction, 0);
  feedback.take([{ kind: 'receiverReport', blocks: [{ ...block, ssrc: 2 }] }], 0, 0);
  assert.deepEqual(feedback.reception, { lossFraction: 0.5, roundTripMs: null, jitterMs: 1 });
});

/** Packets of 1,200 bytes, one every 10 ms: 960 kbit/s. */
const twcc: FeedbackTwcc = {
  lookUpSent: (first, count) => Array.from({ length: count }, (_, n) => ({ sentMs: 10 * (first + n), bytes: 1200 })),
  limits: () => ({ minBps: 300_000, maxBps: 2_400_000 }),
};
const came = (firstSequence: number, count: number, everyMs: number): TwccFeedback => ({
  kind: 'twcc',
  firstSequence,
  reference64ms: 0,
  arrivedMs: Array.from({ length: count }, (_, n) => (firstSequence + n) * everyMs),
});

test("an estimate is the viewer's own until it reports packets, and then ours", () => {
  const { feedback } = setUp(twcc);
  assert.deepEqual(feedback.estimateStats, { estimateKbps: null, estimateKind: null });
  feedback.take([{ kind: 'remb', bitrateBps: 777_000 }], 0, 0);
  assert.deepEqual(feedback.estimateStats, { estimateKbps: 777, estimateKind: 'remb' });
  feedback.take([came(0, 10, 10)], 150, 0);
  feedback.take([{ kind: 'remb', bitrateBps: 777_000 }], 160, 0);
  assert.deepEqual(feedback.estimateStats, { estimateKbps: 2400, estimateKind: 'transport-cc' });
  // What is sent every 10 ms comes every 12 ms: more than the way takes.
  for (let first = 10; first < 400; first += 10) feedback.take([came(first, 10, 12)], 12 * (first + 10) + 50, 0);
  const { estimateKbps, estimateKind } = feedback.estimateStats;
  assert.equal(estimateKind, 'transport-cc');
  assert.ok(estimateKbps !== null && estimateKbps >= 300 && estimateKbps <= 850, `${estimateKbps} kbit/s`);
  assert.equal(Math.round((feedback.estimateBps ?? 0) / 1000), estimateKbps);
});

test('a viewer without transport-wide numbers that reports packets is not believed', () => {
  const { feedback } = setUp();
  feedback.take([came(0, 10, 10)], 150, 0);
  assert.equal(feedback.estimateBps, null);
});

test('where it is known what a viewer can take, no more than a tenth of it goes to packets sent again', () => {
  const { feedback, asked } = setUp(twcc);
  feedback.take([came(0, 10, 10)], 150, 0);
  feedback.startInterval(1000);
  for (let n = 0; n < 100; n += 1) feedback.take([nack(17)], 200 + n, 0);
  assert.equal(asked.resent, 2_400_000 / 10 / 9600);
});
