import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PacketStatus, RecvDelta, RunLengthChunk, TransportWideCC } from 'werift';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseRtcp } from '../../../../src/core/rtcp/compound.js';
import { maxReported, readTwccFeedback } from '../../../../src/core/rtcp/twcc-feedback.js';
import { writeTwccBody, writeTwccFeedback } from '../../../support/rtp/twcc-writer.js';
import { bytes } from './rtcp-cases.js';
import { twccCases } from './twcc-cases.js';

for (const [what, body, read] of twccCases) {
  test(`${what} is read`, () => assert.deepEqual(readTwccFeedback(body), { kind: 'twcc', ...read }));

  test(`${what}, cut off anywhere, gives WireError`, () => {
    for (let length = 0; length < body.length; length += 1) {
      assert.throws(() => readTwccFeedback(body.subarray(0, length)), WireError, `${length} bytes`);
    }
  });
}

test('what reports nothing, of too much, or by a status that means nothing, gives WireError', () => {
  assert.throws(() => readTwccFeedback(bytes('0000 0000 000000 00 2000')), WireError);
  assert.throws(() => readTwccFeedback(bytes('0000 0001 000000 00 6001 00 00')), WireError);
  assert.throws(() => readTwccFeedback(bytes('0000 0001 000000 00 f000 00 00')), WireError);
  const count = (maxReported + 1).toString(16).padStart(4, '0');
  assert.throws(() => readTwccFeedback(bytes(`0000 ${count} 000000 00 1fff 1fff`)), WireError);
  const most = readTwccFeedback(bytes(`0000 ${maxReported.toString(16)} 000000 00 1fff`));
  assert.deepEqual([most.arrivedMs.length, new Set(most.arrivedMs)], [maxReported, new Set([null])]);
});

test('what another implementation writes is read', () => {
  const written = new TransportWideCC({
    senderSsrc: 9,
    mediaSourceSsrc: 0x1111_1111,
    baseSequenceNumber: 65_534,
    packetStatusCount: 7,
    referenceTime: 1000,
    fbPktCount: 3,
    packetChunks: [
      new RunLengthChunk({ packetStatus: PacketStatus.TypeTCCPacketReceivedSmallDelta, runLength: 4 }),
      new RunLengthChunk({ packetStatus: PacketStatus.TypeTCCPacketNotReceived, runLength: 2 }),
      new RunLengthChunk({ packetStatus: PacketStatus.TypeTCCPacketReceivedLargeDelta, runLength: 1 }),
    ],
    recvDeltas: [
      ...[250, 5000, 0, 250].map(
        (delta) => new RecvDelta({ type: PacketStatus.TypeTCCPacketReceivedSmallDelta, delta }),
      ),
      new RecvDelta({ type: PacketStatus.TypeTCCPacketReceivedLargeDelta, delta: 100_000 }),
    ],
  }).serialize();
  assert.deepEqual(parseRtcp(written), [
    {
      kind: 'twcc',
      firstSequence: 65_534,
      reference64ms: 1000,
      arrivedMs: [0.25, 5.25, 5.25, 5.5, null, null, 105.5],
    },
  ]);
});

const delta = fc.oneof(fc.nat(255), fc.integer({ min: -32_768, max: 32_767 }), fc.constant(null));
const toWrite = fc.record({
  firstSequence: fc.nat(65_535),
  reference64ms: fc.nat(2 ** 24 - 1),
  deltas: fc.array(fc.oneof(delta, fc.constant(null), fc.constant(4)), { minLength: 1, maxLength: 400 }),
  vectors: fc.boolean(),
});

test('what is written, by runs or by vectors, is what is read', () => {
  fc.assert(
    fc.property(toWrite, (twcc) => {
      let ticks = 0;
      const arrivedMs = twcc.deltas.map((one) => {
        ticks += one ?? 0;
        return one === null ? null : ticks / 4;
      });
      const { firstSequence, reference64ms } = twcc;
      const expected = { kind: 'twcc', firstSequence, reference64ms, arrivedMs };
      assert.deepEqual(readTwccFeedback(writeTwccBody(twcc)), expected);
      assert.deepEqual(parseRtcp(writeTwccFeedback(7, twcc)), [expected]);
    }),
    { numRuns: 1000 },
  );
});

test('damaged bytes give arrivals within bounds or WireError, never anything else', () => {
  const damage = fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(toWrite, damage, fc.nat(1000), (twcc, changes, length) => {
      const body = writeTwccBody(twcc);
      for (const [at, value] of changes) body[at % body.length] = value;
      try {
        const { arrivedMs } = readTwccFeedback(body.subarray(0, Math.max(8, length)));
        assert.ok(arrivedMs.length >= 1 && arrivedMs.length <= maxReported);
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
