import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BFrames, configureBFrames, initialBFrames, seeFrame } from '../../../../src/core/codec/b-frames.js';
import { readSliceHead } from '../../../../src/core/codec/h264-slice.js';

const sps = (profileIdc: number, maxNumReorderFrames: number | null) =>
  configureBFrames({ width: 640, height: 360, constraintFlags: 0, levelIdc: 30, profileIdc, maxNumReorderFrames });

const see = (state: BFrames, ...frames: readonly (readonly [number, boolean])[]): BFrames =>
  frames.reduce((now, [compositionTimeMs, hasB]) => seeFrame(now, { compositionTimeMs, hasB }), state);

const plain = Array.from({ length: 299 }, () => [0, false] as const);

const cases = [
  { what: 'Baseline', state: sps(66, null), present: false },
  { what: 'an SPS that states none', state: sps(100, 0), present: false },
  { what: 'an SPS that states two', state: sps(100, 2), present: true },
  { what: 'an SPS that does not say', state: sps(77, null), present: null },
  { what: 'no statement, a plain first frame', state: see(sps(77, null), [0, false]), present: false },
  { what: 'no statement, a B slice', state: see(sps(77, null), [66, false], [66, true]), present: true },
  { what: 'no statement, times that differ', state: see(sps(77, null), [66, false], [133, false]), present: true },
  {
    what: 'one composition time for all',
    state: see(sps(77, null), [80, false], [81, false], [80, false]),
    present: false,
  },
  { what: 'a B slice against the SPS', state: see(sps(100, 0), [0, false], [0, true]), present: true },
  { what: 'stated, not seen in 299 frames', state: see(sps(100, 2), ...plain), present: true },
  { what: 'stated, not seen in 300 frames', state: see(sps(100, 2), ...plain, [0, false]), present: false },
  { what: 'stated, seen in the 300th', state: see(sps(100, 2), ...plain, [0, true]), present: true },
  { what: 'seen after it was given up', state: see(sps(100, 2), ...plain, [0, false], [0, true]), present: true },
] as const;

test('frames need not be looked at once the source has said it, has shown it, or has not for 300 frames', () => {
  const sure = (state: BFrames): boolean => state.isSure;
  assert.deepEqual([sps(66, null), sps(100, 0)].map(sure), [true, true]);
  // An encoder that may reorder need not do so.
  assert.deepEqual([sps(100, 2), sps(77, null), see(sps(77, null), ...plain)].map(sure), [false, false, false]);
  const seen = [see(sps(100, 2), [0, true]), see(sps(77, null), [66, false], [133, false])];
  assert.deepEqual(seen.map(sure), [true, true]);
  const never = [sps(100, 2), sps(77, null)].map((state) => see(state, ...plain, [0, false]));
  assert.deepEqual(never.map(sure), [true, true]);
});

for (const { what, state, present } of cases) {
  test(`${what}: ${present === null ? 'not decided' : present ? 'B-frames' : 'no B-frames'}`, () => {
    assert.equal(state.present, present);
    assert.notEqual(state.reason, '');
  });
}

test('nothing is decided before anything is known', () => assert.equal(initialBFrames().present, null));

/** first_mb 0 is the bit 1; slice types 0 to 9 as Exp-Golomb codes. */
const codes = ['1', '010', '011', '00100', '00101', '00110', '00111', '0001000', '0001001', '0001010'];

test('slice types 1 and 6 are B slices, all others are not', () => {
  codes.forEach((code, type) => {
    const byte = Number.parseInt(`1${code}`.padEnd(8, '0'), 2);
    assert.deepEqual(readSliceHead(Uint8Array.of(0x01, byte, 0)), { isB: type % 5 === 1, isReference: false });
    assert.equal(readSliceHead(Uint8Array.of(0x65, byte, 0))?.isReference, true);
  });
});

test('a NAL unit that is no slice has no slice head', () => assert.equal(readSliceHead(Uint8Array.of(6, 5, 1)), null));
