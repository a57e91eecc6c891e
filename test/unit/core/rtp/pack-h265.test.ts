import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { H265RtpPayload } from 'werift';
import { packH265AccessUnit } from '../../../../src/core/rtp/pack-h265.js';
import { depacketiseH265 } from '../../../support/rtp/h265-depacketiser.js';
import { assertEven, assertOneFrame, newLog, payloadsOf } from '../../../support/rtp/packed.js';

/** Temporal id 0 unless told, layer 0. */
const nal = (type: number, bytes: number, temporalIdPlus1 = 1): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, n) => [type << 1, temporalIdPlus1][n] ?? (n * 7 + bytes) % 256);

const idr = (bytes: number) => nal(20, bytes);
const slice = (bytes: number, temporalIdPlus1 = 1) => nal(1, bytes, temporalIdPlus1);
const [vps, sps, pps] = [nal(32, 24), nal(33, 42), nal(34, 7)] as const;
const setup = [vps, sps, pps];
const [sei, delimiter, filler] = [nal(39, 30), nal(35, 3), nal(38, 400)] as const;
const packetBytes = 1200;

function pack(nals: readonly Uint8Array[], options: { isKeyframe?: boolean; packetBytes?: number } = {}) {
  const history = newLog();
  packH265AccessUnit(history, { nals, isKeyframe: false, rtpTs: 9, setup, packetBytes, ...options });
  return history;
}

test('a random access point begins with VPS, SPS and PPS in one aggregation packet', () => {
  const [first, second] = payloadsOf(pack([idr(100)], { isKeyframe: true }));
  const sized = [vps, sps, pps].flatMap((set) => [Buffer.of(0, set.length), Buffer.from(set)]);
  assert.deepEqual(Buffer.from(first ?? []), Buffer.concat([Buffer.of(0x60, 0x01), ...sized]));
  assert.deepEqual(second, idr(100));
});

test('the parameter sets in use go before a keyframe in place of its own; any other picture keeps what it brings', () => {
  const own = [nal(33, 50), nal(34, 9)] as const;
  const key = pack([delimiter, ...own, sei, idr(90)], { isKeyframe: true });
  assert.deepEqual(depacketiseH265(payloadsOf(key)), [vps, sps, pps, idr(90)]);
  assert.deepEqual(depacketiseH265(payloadsOf(pack([own[1], slice(9)]))), [own[1], slice(9)], 'no keyframe');
});

test('delimiters, filler, SEI, units without a header and types that RTP gives another meaning are left out', () => {
  const odd = [new Uint8Array(0), Uint8Array.of(2), nal(48, 20), nal(49, 20), nal(50, 20), nal(41, 20), nal(63, 9)];
  assert.deepEqual(payloadsOf(pack([delimiter, sei, filler, ...odd, slice(50)])), [slice(50)]);
});

test('fragments keep layer and temporal id, are equal but the last, and no more than needed', () => {
  for (const bytes of [1201, 1202, 2397, 9000, 100_001]) {
    const payloads = payloadsOf(pack([slice(bytes, 3)]));
    assertEven(payloads, packetBytes);
    assert.equal(payloads.length, Math.ceil((bytes - 2) / (packetBytes - 3)));
    for (const payload of payloads) assert.deepEqual([...payload.subarray(0, 2)], [49 << 1, 3]);
  }
});

test('an aggregate has the lowest layer and the lowest temporal id inside', () => {
  const layered = (type: number, layer: number, temporal: number): Uint8Array =>
    Uint8Array.of((type << 1) | (layer >> 5), ((layer & 31) << 3) | temporal, 1, 2, 3);
  const sets = [layered(32, 33, 3), layered(33, 40, 2), layered(34, 35, 5)];
  const [first = new Uint8Array()] = payloadsOf(pack([...sets, idr(20)]));
  assert.deepEqual([...first.subarray(0, 2)], [(48 << 1) | 1, (1 << 3) | 2]);
  assert.deepEqual(depacketiseH265([first]), sets);
});

/** Another's reading of the same payloads. */
function byWerift(payloads: readonly Uint8Array[]): Buffer {
  let fragment: Buffer | undefined;
  const whole = payloads.map((payload) => {
    const read = H265RtpPayload.deSerialize(Buffer.from(payload), fragment);
    fragment = read.fragment;
    return read.payload ?? Buffer.alloc(0);
  });
  return Buffer.concat(whole);
}

test('what is depacketised is what was packed, within the size, also for werift', () => {
  const sent = fc.tuple(
    fc.constantFrom(0, 1, 8, 19, 20, 21),
    fc.integer({ min: 3, max: 5000 }),
    fc.integer({ min: 1, max: 7 }),
  );
  fc.assert(
    fc.property(
      fc.array(sent, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 4, max: 1400 }),
      fc.boolean(),
      (units, limit, isKeyframe) => {
        // All fragments of all units are within the 1024 packets that the history keeps.
        const nals = units.map(([type, bytes, temporal]) => nal(type, Math.min(bytes, (limit - 3) * 80), temporal));
        const history = newLog();
        packH265AccessUnit(history, {
          nals: [slice(9)],
          isKeyframe: false,
          rtpTs: 1,
          setup,
          packetBytes: limit,
        });
        const from = history.end;
        packH265AccessUnit(history, { nals, isKeyframe, rtpTs: 7, setup, packetBytes: limit });
        const payloads = payloadsOf(history, from);
        const expected = isKeyframe ? [vps, sps, pps, ...nals] : nals;
        assert.deepEqual(depacketiseH265(payloads), expected);
        assert.ok(payloads.every((payload) => payload.length <= limit));
        assertOneFrame(history, from, 7, isKeyframe);
        const annexB = Buffer.concat(expected.flatMap((unit) => [Buffer.of(0, 0, 0, 1), unit]));
        assert.ok(byWerift(payloads).equals(annexB));
      },
    ),
    { numRuns: 300 },
  );
});
