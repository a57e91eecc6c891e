/** Parameter sets by their ids (test/README.md, Field: P4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { h264 } from '../../../../src/core/access-unit/h264.js';
import { NalAssembler } from '../../../../src/core/access-unit/nal-assembler.js';
import { joinNals } from '../../../../src/core/access-unit/nal-framing.js';
import { bytesOfBits } from '../codec/bit-text.js';

const ue = (value: number): string => {
  const code = (value + 1).toString(2);
  return '0'.repeat(code.length - 1) + code;
};
const nal = (head: readonly number[], ...fields: readonly string[]): Uint8Array =>
  Uint8Array.from([...head, ...bytesOfBits(...fields, '1')]);
/** Baseline, 320 x 240, shown in the order of decoding. */
const sps = (id: number, widthMbs = 20): Uint8Array =>
  nal([0x67, 0x42, 0xc0, 30], ue(id), ue(0), ue(2), ue(1), '0', ue(widthMbs - 1), ue(14), '1', '1', '0', '0');
const pps = (id: number, spsId: number): Uint8Array => nal([0x68], ue(id), ue(spsId), '0'.repeat(8));
const idr = (ppsId: number): Uint8Array => nal([0x65], ue(0), ue(7), ue(ppsId), '0000', ue(0), '1'.repeat(40));

/** The format of each keyframe, of which each brings its sets. */
function formatsOf(groups: readonly (readonly [sps: Uint8Array, pps: Uint8Array, idr: Uint8Array])[]) {
  const assembler = new NalAssembler('H264', h264);
  const pictures = groups.flatMap((nals, n) => {
    const data = joinNals(nals);
    return [...assembler.receive({ data, isKeyframe: true, compositionTimeMs: 0 }, () => n * 1000)];
  });
  return [...pictures, ...assembler.flush()].map(({ format }) => format);
}

test('sets that say the same under other ids are one format, which has them all', () => {
  const groups = Array.from({ length: 8 }, (_, n) => n % 2).map(
    (id) => [sps(id * 5), pps(id * 3, id * 5), idr(id * 3)] as const,
  );
  const formats = formatsOf(groups);
  assert.equal(formats.length, groups.length);
  assert.equal(new Set(formats.slice(1)).size, 1);
  assert.deepEqual(formats.at(-1)?.setup, [sps(0), sps(5), pps(0, 0), pps(3, 5)]);
});

test('sets of another size are another format, whatever their ids', () => {
  const formats = formatsOf(
    Array.from({ length: 6 }, (_, n) => n % 2).map((id) => [sps(id, 20 + id), pps(id, id), idr(id)] as const),
  );
  assert.deepEqual(
    formats.map(({ info }) => info.width),
    [320, 336, 320, 336, 320, 336],
  );
  assert.deepEqual(formats.at(-1)?.setup, [sps(1, 21), pps(1, 1)]);
});

test('of more than four that say the same only the one in use is sent', () => {
  const formats = formatsOf(Array.from({ length: 6 }, (_, id) => [sps(id), pps(id, id), idr(id)] as const));
  assert.deepEqual(formats.at(-1)?.setup, [sps(5), pps(5, 5)]);
});
