/** Headers and frames of codecs: what encoders wrote, by the tables of the unit tests, and what is rare. */
import { av1Samples, h265Samples, vp9Samples } from '../../unit/core/codec/enhanced-samples.js';
import { bytesOf, h264Samples } from '../../unit/core/codec/h264-samples.js';
import { named, type Seeds, tableOf } from './seed.js';

const rare: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  slice: {
    'idr, I': '65 88843a26',
    'not idr, P': '41 9a202a80',
    'not idr, B, not a reference': '01 9e4278',
    'zeros only': '41 0000000000000000000000000000000000',
  },
  nals: {
    'three units of four-byte lengths': '02 00000002 6588 00000002 4188 00000001 06',
    'one-byte lengths': '00 02 6588 03 418899',
    'two-byte lengths, empty units': '01 0000 0000 0002 6588',
    'a length beyond the end': '02 7fffffff 65',
  },
  h264: {
    'a keyframe with its own parameter sets': '10 00000002 0910 00000003 674200 00000002 68ce 00000003 658884',
    'a delimiter and filler alone': '10 00000002 0910 00000002 0cff',
    'a slice in fragments': `00 000000c8 65${'88'.repeat(199)}`,
    'types of RTP itself': '10 00000002 7c85 00000002 7800',
  },
  h265: {
    'a keyframe': '10 00000003 2601af 00000004 40010c01',
    'a slice in fragments': `00 000000c8 2601${'af'.repeat(198)}`,
    'types of RTP itself': '10 00000003 620100 00000003 600100',
    'a unit of one byte': '10 00000001 26',
  },
  adts: {
    'one frame': 'fff15080 02 1ffc 2100490002190023',
    'two frames': 'fff15080 011ffc 21 fff15080 011ffc 21',
    'cut short': 'fff150',
  },
  opusHead: {
    stereo: '4f70757348656164 01 02 3801 80bb0000 0000 00',
    'six channels': '4f70757348656164 01 06 3801 80bb0000 0000 01 04 02 000401020305',
    'another version': '4f70757348656164 10 02 3801 80bb0000 0000 00',
  },
  opus: { 'one frame': 'fc ffff', 'two frames': 'fd ffff', 'a count of frames': 'ff 03 ffff', 'too many': 'ff ff' },
  flac: {
    'STREAMINFO behind the marker': `664c6143 80000022 1000 1000 00000e 0030d3 0bb802f0 00000000 ${'00'.repeat(16)}`,
    'STREAMINFO alone': `1000 1000 00000e 0030d3 0ac442f0 00000000 ${'00'.repeat(16)}`,
    'cut short': '664c6143 80000022 1000',
  },
  mp3: { '44.1 kHz stereo': 'fffb9064', '48 kHz mono': 'fffb54c4', 'MPEG 2': 'fff38064', 'MPEG 2.5': 'ffe318c4' },
  ac3: {
    'AC-3 stereo': '0b7732b7144043e1',
    'AC-3 5.1': '0b77ca4e5e40ebf8',
    'E-AC-3': '0b77037f3f87c000',
    half: '0b77017fc487c000',
  },
  asc: {
    'lc 44100 stereo': '1210',
    'lc 48000 mono': '1188',
    'he-aac explicit': '2b920800',
    'he-aac v2 explicit': 'eb8a0800',
    'he-aac by extension': '139056e5a0',
    'he-aac v2 by extension': '139056e5a5488800',
    'a rate of its own': '17ab887000',
    'a program config element': '1200 0540021000056c69626661 61',
    'an escaped type': 'f8e84000',
    eld: 'f8e85000',
  },
};

const h264Records = h264Samples.map(({ name, record }) => [name, bytesOf(record)] as const);
const h265Records = h265Samples.map(({ name, record }) => [name, record] as const);
/** The SPS of an avcC: behind the six bytes of its head and two of length. */
const firstSps = (record: Uint8Array): Uint8Array => record.subarray(8, 8 + (record[6] ?? 0) * 256 + (record[7] ?? 0));
/** The SPS of an hvcC with one VPS before it: each array has three bytes of head, and two of length before the unit. */
function h265Sps(record: Uint8Array): Uint8Array {
  const vpsEnd = 28 + (record[26] ?? 0) * 256 + (record[27] ?? 0);
  const size = (record[vpsEnd + 3] ?? 0) * 256 + (record[vpsEnd + 4] ?? 0);
  return record.subarray(vpsEnd + 5, vpsEnd + 5 + size);
}
/** Behind the byte that says how small packets are. */
const packed = (frame: Uint8Array): Uint8Array => Uint8Array.of(16, ...frame);

export const codecSeeds: Seeds = {
  ...Object.fromEntries(Object.entries(rare).map(([target, rows]) => [target, named(tableOf(rows))])),
  avcC: named(h264Records),
  sps: named(h264Records.map(([name, record]) => [name, firstSps(record)])),
  hvcC: named(h265Records),
  h265sps: named(h265Records.map(([name, record]) => [name, h265Sps(record)])),
  av1C: named(av1Samples.map(({ name, record }) => [name, record])),
  av1: named(av1Samples.map(({ name, frame }) => [name, packed(frame)])),
  vp9header: named(vp9Samples.map(({ name, frame }) => [name, frame])),
  vp9: named(vp9Samples.map(({ name, frame }) => [name, packed(frame)])),
};
