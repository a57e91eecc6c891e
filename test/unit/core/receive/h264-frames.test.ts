import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AccessUnit, H264Frames } from '../../../../src/core/receive/h264-frames.js';
import type { RtpPacket } from '../../../../src/core/receive/packet-order.js';
import { packAccessUnit } from '../../../../src/core/rtp/pack-h264.js';
import { newLog } from '../../../support/rtp/packed.js';

const nal = (header: number, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, n) => (n === 0 ? header : (n * 7 + bytes) % 256));
const [sps, pps] = [nal(0x67, 24), nal(0x68, 5)];
const idr = (bytes: number) => nal(0x65, bytes);
const slice = (bytes: number) => nal(0x41, bytes);
const ticks = 3000;

interface Unit {
  readonly nals: readonly Uint8Array[];
  readonly isKeyframe?: boolean;
}

/** As our own packetiser writes them, one picture every 33 ms. */
function packets(units: readonly Unit[], firstTs = 0xffff_f000): readonly RtpPacket[] {
  const history = newLog();
  for (const [n, { nals, isKeyframe = false }] of units.entries()) {
    const rtpTs = (firstTs + n * ticks) >>> 0;
    packAccessUnit(history, { nals, isKeyframe, rtpTs, setup: [sps, pps], packetBytes: 100 });
  }
  return Array.from({ length: history.end - history.first }, (_, n) => ({
    sequence: n,
    rtpTs: history.rtpTs(history.first + n),
    marker: history.marker(history.first + n),
    payload: history.payload(history.first + n),
  }));
}

function receive(frames: H264Frames, received: readonly RtpPacket[]): readonly AccessUnit[] {
  return received.flatMap((packet) => frames.push(packet));
}
const bytesOf = (units: readonly Pick<AccessUnit, 'nals'>[]) =>
  units.map(({ nals }) => nals.map((one) => Buffer.from(one).toString('hex')));

test('units that go whole, together or cut come out as they went in, each when its last packet has come', () => {
  const frames = new H264Frames();
  const sent = packets([
    { nals: [idr(950)], isKeyframe: true },
    { nals: [slice(60)] },
    { nals: [slice(40), slice(300)] },
  ]);
  const units = receive(frames, sent);
  assert.deepEqual(
    bytesOf(units),
    bytesOf([{ nals: [sps, pps, idr(950)] }, { nals: [slice(60)] }, { nals: [slice(40), slice(300)] }]),
  );
  assert.deepEqual(
    units.map(({ isKeyframe, rtpTs }) => [isKeyframe, rtpTs]),
    [
      [true, 0xffff_f000],
      [false, 0xffff_fbb8],
      [false, 0x770],
    ],
  );
});

test('a picture without a marker ends where the next one begins', () => {
  const unmarked = packets([{ nals: [idr(50)], isKeyframe: true }, { nals: [slice(60)] }]).map((packet) => ({
    ...packet,
    marker: false,
  }));
  assert.equal(receive(new H264Frames(), unmarked).length, 1);
});

test('behind a loss nothing goes on before the next keyframe, which is needed until then', () => {
  const frames = new H264Frames();
  const units = [{ nals: [idr(50)], isKeyframe: true }, { nals: [slice(500)] }, { nals: [slice(60)] }];
  const sent = packets([...units, ...units]);
  assert.ok(frames.needsKeyframe, 'none has come');
  const lost = sent.findIndex(({ payload }) => payload.length < 100 && (payload[0] ?? 0) === 0x5c);
  const before = receive(frames, sent.slice(0, lost));
  assert.ok(!frames.needsKeyframe);
  frames.lost();
  assert.ok(frames.needsKeyframe);
  const behind = receive(frames, sent.slice(lost + 1));
  assert.deepEqual(
    [before, behind].map((some) => some.map(({ isKeyframe }) => isKeyframe)),
    [[true], [true, false, false]],
  );
  assert.ok(!frames.needsKeyframe);
});

test('a keyframe that is damaged itself is not one; a source without any goes on after five seconds', () => {
  const frames = new H264Frames();
  receive(frames, packets([{ nals: [idr(50)], isKeyframe: true }]));
  frames.lost();
  const [, ...cut] = packets([{ nals: [idr(950)], isKeyframe: true }], 90_000);
  assert.deepEqual(receive(frames, cut), []);
  assert.ok(frames.needsKeyframe);
  const pictures = packets(
    Array.from({ length: 200 }, () => ({ nals: [slice(20)] })),
    90_000 + ticks,
  );
  const shown = receive(frames, pictures);
  assert.equal(shown[0]?.rtpTs, 90_000 + 5 * 90_000 + ticks);
  assert.equal(shown.length, 50);
});

test('an access unit without an end is given up at a limit', () => {
  const frames = new H264Frames();
  const payload = new Uint8Array(60_000).fill(0x41);
  const units = Array.from({ length: 150 }, () =>
    frames.push({ sequence: 0, rtpTs: 0, marker: false, payload }),
  ).flat();
  assert.deepEqual([units.length, frames.push({ sequence: 0, rtpTs: 0, marker: true, payload }).length], [0, 0]);
});

test('any payloads at all make no exception, and no unit that is empty', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(3), fc.boolean())), (payloads) => {
      const frames = new H264Frames();
      for (const [payload, step, marker] of payloads) {
        for (const { nals } of frames.push({ sequence: 0, rtpTs: step * ticks, marker, payload })) {
          assert.ok(nals.length > 0 && nals.every(({ length }) => length > 0));
        }
      }
    }),
  );
});
