import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseVideoTag } from '../../../../src/core/flv/video-tag.js';
import { damaged, orRefused } from '../codec/damage.js';

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const avc1 = '61766331';
const hvc1 = '68766331';

/** The tag with its data in hexadecimal. */
function parse(hex: string) {
  const tag = parseVideoTag(bytesOf(hex));
  return 'data' in tag ? { ...tag, data: Buffer.from(tag.data).toString('hex') } : tag;
}

const frame = (data: string, compositionTimeMs = 0, isKeyframe = false, codec = 'H264') => ({
  kind: 'frame',
  codec,
  isKeyframe,
  compositionTimeMs,
  data,
});
const config = (data: string, codec = 'H264') => ({ kind: 'config', codec, data });
const end = (codec = 'H264') => ({ kind: 'end', codec });

test("tags of FFmpeg's FLV muxer give configuration, key and other frames with their composition time, and the end", () => {
  assert.deepEqual(parse('1700000000 0142c01effe1'), config('0142c01effe1'));
  assert.deepEqual(parse('1701000043 00000001 65'), frame('0000000165', 67, true));
  assert.deepEqual(parse('2701000085 00000001 41'), frame('0000000141', 133));
  assert.deepEqual(parse('1702000000'), end());
});

test('a composition time is signed, and a keyframe made by a server is one', () => {
  assert.deepEqual(parse('2701ffffde 65'), frame('65', -34));
  assert.deepEqual(parse('2701800000 65'), frame('65', -8_388_608));
  assert.deepEqual(parse('4701000000 65'), frame('65', 0, true));
  assert.deepEqual(parse('3701000000 65'), frame('65'));
});

test('an empty body, a header alone, a command and unknown packets are nothing to play', () => {
  for (const hex of ['', '1700000000', '2701000000', '5700', '52', '1709000000 00', 'd1 00', `94 ${avc1} 02000a`]) {
    assert.deepEqual(parse(hex), { kind: 'ignored' }, hex);
  }
});

test('codecs that no browser could be sent are named for a person', () => {
  const names = {
    '22': 'Sorenson H.263',
    '24': 'VP6',
    '25': 'VP6 with alpha',
    '1e00': 'FLV video codec 14',
    '2f': 'FLV video codec 15',
  };
  for (const [hex, codec] of Object.entries(names)) assert.deepEqual(parse(hex), { kind: 'unsupported', codec }, hex);
  const fourCcs = {
    '76766331': 'VVC',
    '76703038': 'VP8',
    '78797a31': 'FourCC xyz1',
  };
  for (const [hex, codec] of Object.entries(fourCcs))
    assert.deepEqual(parse(`90 ${hex} 01`), { kind: 'unsupported', codec });
  assert.deepEqual(parse('90 0a1b5b32 00'), { kind: 'unsupported', codec: 'an unreadable FourCC' });
});

test('Enhanced RTMP carries H.264 as the classic header does', () => {
  assert.deepEqual(parse(`90 ${avc1} 0142c01e`), config('0142c01e'));
  assert.deepEqual(parse(`91 ${avc1} ffffde 0000000165`), frame('0000000165', -34, true));
  assert.deepEqual(parse(`a3 ${avc1} 0000000141`), frame('0000000141'));
  assert.deepEqual(parse(`92 ${avc1}`), end());
  assert.deepEqual(parse(`90 ${avc1}`), { kind: 'ignored' });
});

test('Enhanced RTMP carries HEVC with composition times, AV1 and VP9 without', () => {
  for (const fourCc of [hvc1, '68657631']) {
    assert.deepEqual(parse(`90 ${fourCc} 0101`), config('0101', 'HEVC'));
    assert.deepEqual(parse(`91 ${fourCc} 000043 00000002 2601`), frame('000000022601', 67, true, 'HEVC'));
    assert.deepEqual(parse(`a3 ${fourCc} 00000002 0201`), frame('000000020201', 0, false, 'HEVC'));
    assert.deepEqual(parse(`92 ${fourCc}`), end('HEVC'));
  }
  for (const [fourCc, codec] of [
    ['61763031', 'AV1'],
    ['76703039', 'VP9'],
  ] as const) {
    assert.deepEqual(parse(`90 ${fourCc} 8100`), config('8100', codec));
    assert.deepEqual(parse(`91 ${fourCc} 12000a0b`), frame('12000a0b', 0, true, codec));
    assert.deepEqual(parse(`a1 ${fourCc} 12003203`), frame('12003203', 0, false, codec));
    assert.deepEqual(parse(`a7 02 07a120 01 ${fourCc} 1200`), frame('1200', 0.5, false, codec));
    assert.deepEqual(parse(`92 ${fourCc}`), end(codec));
    // The form of MPEG-2 TS, and colour metadata.
    for (const type of ['95', '94']) assert.deepEqual(parse(`${type} ${fourCc} 8004`), { kind: 'ignored' });
  }
});

test('the unofficial classic headers of HEVC and AV1 are those of AVC with another number', () => {
  for (const [id, codec] of [
    ['c', 'HEVC'],
    ['d', 'AV1'],
  ] as const) {
    assert.deepEqual(parse(`1${id}00000000 0101`), config('0101', codec));
    assert.deepEqual(parse(`1${id}01000043 2601`), frame('2601', 67, true, codec));
    assert.deepEqual(parse(`2${id}01000000 0201`), frame('0201', 0, false, codec));
    assert.deepEqual(parse(`1${id}02000000`), end(codec));
  }
});

test('ModEx packets are read through, and a nanosecond offset moves the presentation', () => {
  assert.deepEqual(parse(`a7 02 07a120 03 ${avc1} 41`), frame('41', 0.5));
  assert.deepEqual(parse(`a7 02 07a120 01 ${avc1} 000021 41`), frame('41', 33.5));
  const long = `ff 012b ${'00'.repeat(300)}`;
  assert.deepEqual(parse(`a7 ${long} 17 02 0f423f 01 ${avc1} 000000 41`), frame('41', 0.999999));
  // One nanosecond more than allowed, too few bytes, another kind: no offset.
  for (const modEx of ['02 0f4240 0', '01 07a1 0', '02 07a120 1'])
    assert.deepEqual(parse(`a7 ${modEx}3 ${avc1} 41`), frame('41'));
});

test('of many tracks the default one is played, wherever it stands and whatever codecs the others have', () => {
  assert.deepEqual(parse(`96 01 ${avc1} 00 000000 65`), frame('65', 0, true));
  assert.deepEqual(parse(`96 01 ${avc1} 01 000000 65`), { kind: 'ignored' });
  assert.deepEqual(parse(`96 10 ${avc1} 01 000002 aabb 00 000003 ccddee`), config('ccddee'));
  assert.deepEqual(parse(`96 23 ${hvc1} 01 000001 aa ${avc1} 00 000001 bb`), frame('bb', 0, true));
  assert.deepEqual(parse(`96 23 ${avc1} 01 000001 aa ${hvc1} 00 000001 bb`), frame('bb', 0, true, 'HEVC'));
  assert.deepEqual(parse(`a7 02 07a120 06 03 ${avc1} 00 41`), frame('41', 0.5));
});

test('cut headers, tracks beyond their message, tracks within tracks and too many tracks are refused', () => {
  const flood = `00000000`.repeat(257);
  const wrong = [
    '17',
    '1c',
    '2701',
    '27010000',
    '90',
    `91 ${hvc1} 0000`,
    `90 ${avc1.slice(2)}`,
    `91 ${avc1} 0000`,
    'a7',
    'a7 02 0000',
    'a7 ff 01',
    '96',
    `96 06 ${avc1} 00`,
    `96 31 ${avc1} 00`,
    `96 13 ${avc1} 00 000005 aa`,
    `96 23 ${avc1} 00`,
    `96 13 ${avc1} ${flood}`,
  ];
  for (const hex of wrong)
    assert.equal(
      orRefused(() => parse(hex)),
      null,
      hex,
    );
});

test('damaged tags are refused by WireError or give a view of their bytes', () => {
  const seeds = [
    '1701000043 0000000165',
    `90 ${avc1} 0142c01e`,
    `a7 02 07a120 01 ${avc1} 000021 41`,
    `96 23 ${hvc1} 01 000001 aa ${avc1} 00 000001 bb`,
    `91 ${hvc1} 000043 000000022601`,
    '91 61763031 12000a0b',
  ];
  fc.assert(
    fc.property(damaged(seeds.map(bytesOf)), (bytes) => {
      const tag = orRefused(() => parseVideoTag(bytes));
      if (tag !== null && 'data' in tag) assert.equal(tag.data.buffer, bytes.buffer);
      if (tag?.kind === 'unsupported') assert.match(tag.codec, /^[\x20-\x7e]{3,40}$/);
    }),
    { numRuns: 5000 },
  );
});
