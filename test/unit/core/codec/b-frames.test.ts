import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BFrames,
  configureBFrames,
  initialBFrames,
  seeFrame,
  statedReordering,
} from '../../../../src/core/codec/b-frames.js';
import { readSliceHead } from '../../../../src/core/codec/h264-slice.js';

const sps = (profileIdc: number, maxNumReorderFrames: number | null) =>
  configureBFrames({ profileIdc, maxNumReorderFrames });

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
  { what: 'stated, not seen in 600 frames', state: see(sps(100, 2), ...plain, ...plain, [0, false]), present: true },
  { what: 'seen once, and not in 600 frames', state: see(sps(77, null), [0, true], ...plain, ...plain), present: true },
  { what: 'times that differ in Baseline', state: see(sps(66, null), [0, false], [700, false]), present: false },
  { what: 'times that differ against the SPS', state: see(sps(100, 0), [0, false], [80, false]), present: false },
  { what: 'one time of a minute', state: see(sps(77, null), [0, false], [60_000, false], [0, false]), present: false },
] as const;

test('frames need not be looked at once the source has said it, has shown it, or has not for 300 frames', () => {
  const sure = (state: BFrames): boolean => state.isSure;
  assert.deepEqual([sps(66, null), sps(100, 0), sps(100, 2), statedReordering(3)].map(sure), [true, true, true, true]);
  assert.deepEqual([sps(77, null), see(sps(77, null), ...plain)].map(sure), [false, false]);
  const seen = [see(sps(77, null), [0, true]), see(sps(77, null), [66, false], [133, false])];
  assert.deepEqual(seen.map(sure), [true, true]);
  assert.equal(sure(see(sps(77, null), ...plain, [0, false])), true);
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

const unknownSets = () => null;

test('slice types 1 and 6 are B slices, 2, 4, 7 and 9 intra ones', () => {
  codes.forEach((code, type) => {
    // And a PPS id of 0.
    const bits = `1${code}1`.padEnd(16, '0');
    const bytes = [Number.parseInt(bits.slice(0, 8), 2), Number.parseInt(bits.slice(8), 2)];
    const head = readSliceHead(Uint8Array.of(0x01, ...bytes, 0), unknownSets);
    assert.deepEqual(head, {
      firstMb: 0,
      isB: type % 5 === 1,
      isIntra: type % 5 === 2 || type % 5 === 4,
      isReference: false,
      isIdr: false,
      ppsId: 0,
      picture: null,
    });
    assert.equal(readSliceHead(Uint8Array.of(0x65, ...bytes, 0), unknownSets)?.isReference, true);
  });
});

test('a NAL unit that is no slice has no slice head', () =>
  assert.equal(readSliceHead(Uint8Array.of(6, 5, 1), unknownSets), null));
