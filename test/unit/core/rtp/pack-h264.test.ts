import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packAccessUnit } from '../../../../src/core/rtp/pack-h264.js';
import { depacketise } from '../../../support/rtp/h264-depacketiser.js';
import { assertEven, assertOneFrame, markersOf, newLog, payloadsOf } from '../../../support/rtp/packed.js';

const nal = (header: number, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, n) => (n === 0 ? header : (n * 7 + bytes) % 256));

const idr = (bytes: number) => nal(0x65, bytes);
const slice = (bytes: number) => nal(0x41, bytes);
const sei = nal(0x06, 30);
const delimiter = nal(0x09, 2);
const filler = nal(0x0c, 400);
const sps = nal(0x67, 24);
const pps = nal(0x68, 5);
const setup = [sps, pps];
const packetBytes = 1200;

function pack(
  nals: readonly Uint8Array[],
  options: { isKeyframe?: boolean; packetBytes?: number; isSingleNal?: boolean } = {},
) {
  const history = newLog();
  packAccessUnit(history, { nals, isKeyframe: false, rtpTs: 0xffff_fff0, setup, packetBytes, ...options });
  return history;
}

test('a small slice is one packet, unchanged, with the marker', () => {
  const history = pack([slice(700)]);
  assert.deepEqual(payloadsOf(history), [slice(700)]);
  assert.deepEqual([history.marker(0), history.rtpTs(0), history.gopStart], [true, 0xffff_fff0, null]);
});

test('a keyframe begins with SPS and PPS of the configuration in one STAP-A', () => {
  const history = pack([idr(100)], { isKeyframe: true });
  const [first, second] = payloadsOf(history);
  const stapA = Buffer.concat([Buffer.from([0x78, 0, sps.length]), sps, Buffer.from([0, pps.length]), pps]);
  assert.deepEqual(Buffer.from(first ?? []), stapA);
  assert.deepEqual(second, idr(100));
  assert.deepEqual([markersOf(history), history.gopStart], [[false, true], 0]);
});

test('the parameter sets in use go before a keyframe in place of its own; any other picture keeps what it brings', () => {
  const [inBandSps, inBandPps] = [nal(0x27, 31), nal(0x28, 9)];
  const own = [delimiter, inBandSps, inBandPps, sei, idr(90)];
  assert.deepEqual(depacketise(payloadsOf(pack(own, { isKeyframe: true }))), [sps, pps, idr(90)]);
  assert.deepEqual(depacketise(payloadsOf(pack([inBandPps, slice(9)]))), [inBandPps, slice(9)]);
  const history = newLog();
  packAccessUnit(history, { nals: own, isKeyframe: true, rtpTs: 1, setup: [], packetBytes });
  assert.deepEqual(depacketise(payloadsOf(history)), [inBandSps, inBandPps, idr(90)], 'an encoder that brings its own');
});

test('parameter sets too large for one packet are spread over several, none lost', () => {
  const many = [nal(0x67, 500), nal(0x67, 650), nal(0x68, 40), nal(0x68, 1300), nal(0x68, 20)];
  const history = newLog();
  packAccessUnit(history, { nals: [idr(50)], isKeyframe: true, rtpTs: 1, setup: many, packetBytes });
  assert.deepEqual(depacketise(payloadsOf(history)), [...many, idr(50)]);
  assert.ok(payloadsOf(history).every((payload) => payload.length <= packetBytes));
});

test('in packetization mode 0 each NAL unit is a packet by itself', () => {
  const history = pack([sps, pps, idr(100), slice(200)], { isKeyframe: true, isSingleNal: true });
  assert.deepEqual(payloadsOf(history), [sps, pps, idr(100), slice(200)]);
  assert.deepEqual(markersOf(history), [false, false, false, true]);
  assert.equal(history.gopStart, 0);
});

test('delimiters, filler, SEI, empty units and types that RTP gives another meaning are left out', () => {
  const history = pack([
    delimiter,
    sei,
    filler,
    new Uint8Array(0),
    nal(0x7c, 20),
    nal(0x78, 20),
    nal(0x00, 20),
    slice(50),
  ]);
  assert.deepEqual(payloadsOf(history), [slice(50)]);
  assert.deepEqual(markersOf(history), [true]);
});

test('the marker stands on the last packet even when what follows in the access unit is left out', () => {
  const history = pack([slice(2000), filler]);
  assert.deepEqual(markersOf(history), [false, true]);
});

test('an access unit with nothing to send adds no packet and begins no GOP', () => {
  const history = newLog();
  packAccessUnit(history, {
    nals: [delimiter, filler],
    isKeyframe: false,
    rtpTs: 5,
    setup: [],
    packetBytes,
  });
  assert.deepEqual([history.end, history.gopStart], [0, null]);
});

test('fragments of one unit are equal but the last, which is not larger', () => {
  for (const bytes of [1201, 1202, 2397, 2398, 9000, 65_537, 100_001]) {
    const payloads = payloadsOf(pack([slice(bytes)]));
    assertEven(payloads, packetBytes);
    assert.equal(payloads.length, Math.ceil((bytes - 1) / (packetBytes - 2)), 'no more of them than needed');
  }
});

test('a unit as large as a packet stays whole, one byte more makes it two fragments', () => {
  assert.deepEqual(payloadsOf(pack([slice(1200)])), [slice(1200)]);
  assert.equal(payloadsOf(pack([slice(1201)])).length, 2);
});

test('what is depacketised is what was packed, within the size, with one marker at the end', () => {
  const sent = fc.tuple(fc.constantFrom(0x41, 0x01, 0x65, 0x61, 0x21), fc.integer({ min: 1, max: 5000 }));
  fc.assert(
    fc.property(
      fc.array(sent, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 3, max: 1400 }),
      fc.boolean(),
      (units, limit, isKeyframe) => {
        // All fragments of all units are within the 1024 packets that the history keeps.
        const nals = units.map(([header, bytes]) => nal(header, Math.min(bytes, (limit - 2) * 80)));
        const history = newLog();
        packAccessUnit(history, { nals: [slice(9)], isKeyframe: false, rtpTs: 1, setup, packetBytes: limit });
        const from = history.end;
        packAccessUnit(history, { nals, isKeyframe, rtpTs: 7, setup, packetBytes: limit });
        const payloads = payloadsOf(history, from);
        assert.deepEqual(depacketise(payloads), isKeyframe ? [sps, pps, ...nals] : nals);
        assert.ok(payloads.every((payload) => payload.length <= limit));
        assertOneFrame(history, from, 7, isKeyframe);
      },
    ),
    { numRuns: 300 },
  );
});
