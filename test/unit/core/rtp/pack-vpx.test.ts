import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Vp8RtpPayload, Vp9RtpPayload } from 'werift';
import { packVp8Frame } from '../../../../src/core/rtp/pack-vp8.js';
import { packVp9Frame } from '../../../../src/core/rtp/pack-vp9.js';
import { assertEven, assertOneFrame, newLog, payloadsOf } from '../../../support/rtp/packed.js';
import { depacketiseVp8, depacketiseVp9 } from '../../../support/rtp/vpx-depacketiser.js';

const dataOf = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, n) => (n * 7 + bytes) % 256);
const size = { width: 1280, height: 720 };
const hexOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

test('a VP8 frame goes behind a descriptor of four bytes, the first of which begins the partition', () => {
  const history = newLog();
  packVp8Frame(history, { data: dataOf(20), isKeyframe: true, rtpTs: 5, pictureId: 0x1234, packetBytes: 16 });
  assert.deepEqual(
    payloadsOf(history).map((payload) => hexOf(payload.subarray(0, 4))),
    ['90809234', '80809234'],
  );
  assert.equal(history.gopStart, 0);
});

test('a VP9 keyframe has its size, any other what it is predicted from', () => {
  const history = newLog();
  packVp9Frame(history, { data: dataOf(20), keySize: size, rtpTs: 5, pictureId: 0x1234, packetBytes: 18 });
  assert.deepEqual(
    payloadsOf(history).map((payload) => hexOf(payload.subarray(0, 3))),
    ['9a9234', '949234'],
  );
  assert.equal(hexOf(history.payload(0).subarray(3, 8)), '10050002d0');
  packVp9Frame(history, { data: dataOf(20), keySize: null, rtpTs: 6, pictureId: 0x7fff, packetBytes: 18 });
  assert.deepEqual(
    payloadsOf(history, 2).map((payload) => hexOf(payload.subarray(0, 4))),
    ['d8ffff02', 'd4ffff02'],
  );
});

test('packets of one frame are equal but the last', () => {
  for (const bytes of [1, 1190, 1196, 1197, 2400, 50_001]) {
    const vp8 = newLog();
    packVp8Frame(vp8, { data: dataOf(bytes), isKeyframe: false, rtpTs: 5, pictureId: 1, packetBytes: 1200 });
    assertEven(payloadsOf(vp8), 1200);
    assert.equal(vp8.end, Math.ceil(bytes / 1196));
    for (const keySize of [null, size]) {
      const vp9 = newLog();
      packVp9Frame(vp9, { data: dataOf(bytes), keySize, rtpTs: 5, pictureId: 1, packetBytes: 1200 });
      assertEven(payloadsOf(vp9), 1200);
    }
  }
});

const frames = [
  fc.integer({ min: 1, max: 20_000 }),
  fc.integer({ min: 16, max: 1400 }),
  fc.boolean(),
  fc.integer({ min: 0, max: 32_767 }),
] as const;

test('what is depacketised of VP8 is what was packed, also for werift', () => {
  fc.assert(
    fc.property(...frames, (bytes, packetBytes, isKeyframe, pictureId) => {
      const history = newLog();
      const data = dataOf(Math.min(bytes, packetBytes * 40));
      packVp8Frame(history, { data, isKeyframe, rtpTs: 7, pictureId, packetBytes });
      const payloads = payloadsOf(history);
      assertOneFrame(history, 0, 7, isKeyframe);
      assertEven(payloads, packetBytes);
      assert.deepEqual(depacketiseVp8(payloads), { data, pictureId, frameDifference: null, size: null });
      const read = payloads.map((payload) => Vp8RtpPayload.deSerialize(Buffer.from(payload)));
      assert.ok(Buffer.concat(read.map(({ payload }) => payload)).equals(data));
      assert.ok(read.every((one, n) => one.pictureId === pictureId && one.isPartitionHead === (n === 0)));
    }),
    { numRuns: 300 },
  );
});

test('what is depacketised of VP9 is what was packed, also for werift', () => {
  fc.assert(
    fc.property(...frames, (bytes, packetBytes, isKeyframe, pictureId) => {
      const history = newLog();
      const data = dataOf(Math.min(bytes, packetBytes * 40));
      const keySize = isKeyframe ? size : null;
      packVp9Frame(history, { data, keySize, rtpTs: 7, pictureId, packetBytes });
      const payloads = payloadsOf(history);
      assertOneFrame(history, 0, 7, isKeyframe);
      assertEven(payloads, packetBytes);
      const { data: got, pictureId: id, frameDifference, size: told } = depacketiseVp9(payloads);
      assert.deepEqual(got, data);
      assert.deepEqual([id, frameDifference, told], [pictureId, isKeyframe ? null : 1, keySize]);
      const read = payloads.map((payload) => Vp9RtpPayload.deSerialize(Buffer.from(payload)));
      assert.ok(Buffer.concat(read.map(({ payload }) => payload)).equals(data));
      assert.ok(read.every((one) => one.pictureId === pictureId));
      assert.equal(read[0]?.isKeyframe, isKeyframe);
      if (isKeyframe) assert.deepEqual([read[0]?.width, read[0]?.height], [[size.width], [size.height]]);
    }),
    { numRuns: 300 },
  );
});
