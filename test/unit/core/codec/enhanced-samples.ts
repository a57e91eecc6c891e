/**
 * Sequence headers of Enhanced RTMP as FFmpeg 8.1 writes them (x265, SVT-AV1, libvpx), what they were made from, and the
 * beginning of a keyframe. Of x265's records the SEI by which it names its options is shortened.
 */
import { bytesOf } from './h264-samples.js';

export interface H265Sample {
  readonly name: string;
  readonly record: Uint8Array;
  readonly size: readonly [width: number, height: number];
  readonly profile: { readonly profileIdc: number; readonly tier: 0 | 1; readonly levelIdc: number };
  readonly bitDepth: number;
  /** x265 reorders by two frames where it makes a pyramid of B-frames. */
  readonly maxNumReorderPics: number;
}

const sei = '270001000a4e0105062ca2de09b517';
const pps = '22000100064401c073c189';

export const h265Samples: readonly H265Sample[] = [
  {
    name: 'Main without B-frames',
    record: bytesOf(
      `0101600000009000000000003cf000fcfdf8f800000f04200001001840010c01ffff01600000030090000003000003003cba0240210001002842010101600000030090000003000003003ca00a080c1f3e5ba4a4c2e68080000003008000000f04${pps}${sei}`,
    ),
    size: [320, 180],
    profile: { profileIdc: 1, tier: 0, levelIdc: 60 },
    bitDepth: 8,
    maxNumReorderPics: 0,
  },
  {
    name: 'Main with a pyramid of B-frames',
    record: bytesOf(
      `0101600000009000000000005df000fcfdf8f800000f03200001001840010c01ffff01600000030090000003000003005d959409210001002a42010101600000030090000003000003005da00280802d16595952930b9a020000030002000003003c10${pps}`,
    ),
    size: [1280, 720],
    profile: { profileIdc: 1, tier: 0, levelIdc: 93 },
    bitDepth: 8,
    maxNumReorderPics: 2,
  },
  {
    name: 'Main 10 of the High tier, cropped, with B-frames',
    record: bytesOf(
      `01222000000090000000000099f000fcfdfafa00000f03200001001840010c01ffff222000000300900000030000030099959809210001002a420101222000000300900000030000030099a005020171dc8d965664a4c2e68080000003008000000f04${pps}`,
    ),
    size: [636, 362],
    profile: { profileIdc: 2, tier: 1, levelIdc: 153 },
    bitDepth: 10,
    maxNumReorderPics: 2,
  },
];

export const av1Samples = [
  {
    name: '8 bits',
    record: bytesOf('81000c000a0b000000043cfecc02f80040'),
    frame: bytesOf('12000a0b000000043cfecc4af9004032083a10008e60820810'),
    size: [320, 180],
    config: { profile: 0, levelIdx: 0, tier: 0 },
  },
  {
    name: '10 bits, a size that is no multiple of 8',
    record: bytesOf('81054c000a0b0000002d4cfdb3402f8404'),
    frame: bytesOf('12000a0b0000002d4cfdb344af9404320a0c100098808bef5d70cf'),
    size: [1278, 718],
    config: { profile: 0, levelIdx: 5, tier: 0 },
  },
  {
    name: 'level 4.0, low delay',
    record: bytesOf('81080c000a0b00000042abbfc3700be001'),
    frame: bytesOf('12000a0b00000042abbfc3712be401320710009f207ffeba'),
    size: [1920, 1080],
    config: { profile: 0, levelIdx: 8, tier: 0 },
  },
] as const;

export const vp9Samples = [
  {
    name: 'profile 0',
    frame: bytesOf('824983420013f00b360638241c1842000b9050621ff1fe8f'),
    size: { width: 320, height: 180 },
    profile: 0,
  },
  {
    name: 'profile 2',
    frame: bytesOf('924983420013e80b2b041c120e0c3408019c5061ffe3fd3f'),
    size: { width: 638, height: 358 },
    profile: 2,
  },
] as const;
