import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AV1RtpPayload } from 'werift';
import type { Obu } from '../../../../src/core/codec/av1-obu.js';
import { packAv1TemporalUnit } from '../../../../src/core/rtp/pack-av1.js';
import { depacketiseAv1 } from '../../../support/rtp/av1-depacketiser.js';
import { assertEven, assertOneFrame, newLog, payloadsOf } from '../../../support/rtp/packed.js';

const obu = (type: number, bytes: number, layer: number | null = null): Obu => ({
  type,
  header: Uint8Array.from(layer === null ? [type << 3] : [(type << 3) | 4, layer]),
  payload: Uint8Array.from({ length: bytes }, (_, n) => (n * 7 + bytes) % 256),
});
const bytesOf = ({ header, payload }: Obu): Uint8Array => Uint8Array.from([...header, ...payload]);
const sequence = obu(1, 11);
const sequenceHeader = bytesOf(sequence);
const packetBytes = 1200;

function pack(obus: readonly Obu[], options: { isKeyframe?: boolean; packetBytes?: number } = {}) {
  const history = newLog();
  packAv1TemporalUnit(history, { obus, isKeyframe: false, sequenceHeader, rtpTs: 9, packetBytes, ...options });
  return history;
}
const headersOf = (payloads: readonly Uint8Array[]): readonly string[] =>
  payloads.map((payload) => (payload[0] ?? 0).toString(2).padStart(8, '0'));

test('a small frame is one packet of one element without a length', () => {
  const frame = obu(6, 700);
  assert.deepEqual(payloadsOf(pack([frame])), [Uint8Array.of(0x10, ...bytesOf(frame))]);
});

test('a keyframe starts a sequence, with the sequence header of the configuration unless it brings its own', () => {
  const frame = obu(6, 300);
  for (const obus of [[frame], [sequence, frame]]) {
    const history = pack(obus, { isKeyframe: true });
    const payloads = payloadsOf(history);
    assert.deepEqual(payloads, [Uint8Array.of(0x28, 12, ...sequenceHeader, ...bytesOf(frame))]);
    assert.equal(history.gopStart, 0);
  }
  const own = obu(1, 13);
  assert.deepEqual(depacketiseAv1(payloadsOf(pack([own, frame], { isKeyframe: true }))), [own, frame].map(bytesOf));
  assert.deepEqual(headersOf(payloadsOf(pack([sequence, frame]))), ['00100000'], 'not a keyframe');
});

test('fragments say what they continue and leave open, and only the first packet starts a sequence', () => {
  const history = pack([obu(6, 3000)], { isKeyframe: true });
  assert.deepEqual(headersOf(payloadsOf(history)), ['01101000', '11010000', '10010000']);
  assert.deepEqual(depacketiseAv1(payloadsOf(history)), [sequenceHeader, bytesOf(obu(6, 3000))]);
});

test('of more than three elements each has its length', () => {
  const obus = [obu(6, 100), obu(6, 65), obu(6, 42), obu(6, 200)];
  const history = pack(obus);
  assert.deepEqual(headersOf(payloadsOf(history)), ['00000000']);
  assert.deepEqual(depacketiseAv1(payloadsOf(history)), obus.map(bytesOf));
  assert.deepEqual(headersOf(payloadsOf(pack(obus.slice(1)))), ['00110000']);
});

test('extension bytes stay, tile lists do not', () => {
  const layered = obu(6, 40, 0x28);
  assert.deepEqual(depacketiseAv1(payloadsOf(pack([obu(8, 90), layered]))), [bytesOf(layered)]);
});

test('packets of a large frame are equal but the last, and no more than needed', () => {
  for (const bytes of [1199, 1200, 2397, 9000, 100_001]) {
    const payloads = payloadsOf(pack([obu(6, bytes)]));
    assertEven(payloads, packetBytes);
    assert.equal(payloads.length, Math.ceil((bytes + 1) / (packetBytes - 1)), `${bytes}`);
    const keyed = payloadsOf(pack([obu(6, bytes)], { isKeyframe: true }));
    assertEven(keyed, packetBytes);
  }
});

test('a temporal unit with nothing to send adds no packet', () => {
  const history = pack([obu(8, 20)]);
  assert.deepEqual([history.end, history.gopStart], [0, null]);
});

/** Another's reading of the same payloads: the elements, put together where they continue. */
function byWerift(payloads: readonly Uint8Array[]): readonly Buffer[] {
  const obus: Buffer[][] = [];
  for (const payload of payloads) {
    for (const { data, isContinuation } of AV1RtpPayload.deSerialize(Buffer.from(payload)).obu_or_fragment) {
      if (isContinuation === true) obus.at(-1)?.push(data);
      else obus.push([data]);
    }
  }
  return obus.map((parts) => Buffer.concat(parts));
}

test('what is depacketised is what was packed, within the size, also for werift', () => {
  const sent = fc.tuple(
    fc.constantFrom(1, 3, 4, 5, 6, 7),
    fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 5000 })),
    fc.option(fc.nat(255)),
  );
  fc.assert(
    fc.property(
      fc.array(sent, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 8, max: 1400 }),
      fc.boolean(),
      (units, limit, isKeyframe) => {
        const obus = units.map(([type, bytes, layer]) => obu(type, Math.min(bytes, limit * 40), layer));
        const history = newLog();
        packAv1TemporalUnit(history, {
          obus: [obu(6, 9)],
          isKeyframe: false,
          sequenceHeader,
          rtpTs: 1,
          packetBytes: limit,
        });
        const from = history.end;
        packAv1TemporalUnit(history, { obus, isKeyframe, sequenceHeader, rtpTs: 7, packetBytes: limit });
        const payloads = payloadsOf(history, from);
        const brings = units.some(([type]) => type === 1);
        const expected = [...(isKeyframe && !brings ? [sequenceHeader] : []), ...obus.map(bytesOf)];
        assert.deepEqual(depacketiseAv1(payloads), expected);
        assert.ok(payloads.every((payload) => payload.length <= limit));
        assertOneFrame(history, from, 7, isKeyframe);
        assert.deepEqual(
          byWerift(payloads).map((one) => Uint8Array.from(one)),
          expected,
        );
      },
    ),
    { numRuns: 300 },
  );
});
