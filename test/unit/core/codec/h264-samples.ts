/** Sequence headers as real encoders write them: x264 through FFmpeg's FLV muxer, and what ffprobe says of each. */
export interface H264Sample {
  readonly name: string;
  /** AVCDecoderConfigurationRecord in hexadecimal. */
  readonly record: string;
  readonly profileLevelId: string;
  readonly width: number;
  readonly height: number;
  /** ffprobe's has_b_frames. */
  readonly maxNumReorderFrames: number;
}

const sample = (name: string, size: readonly [number, number], reorder: number, record: string): H264Sample => ({
  name,
  record,
  width: size[0],
  height: size[1],
  maxNumReorderFrames: reorder,
  profileLevelId: record.slice(2, 8),
});

export const h264Samples: readonly H264Sample[] = [
  sample(
    'Constrained Baseline',
    [640, 360],
    0,
    '0142c01effe100196742c01eda0280bfe5c044000003000400000300f03c58ba8001000468ce0fc8',
  ),
  sample(
    'Main with B-frames',
    [1280, 720],
    2,
    '014d401fffe10019674d401feca02802dd8088000003000800000301e078c18cb001000468ce0fc8',
  ),
  sample(
    'Main with B-frames, cropped from 1088 lines',
    [1920, 1080],
    2,
    '014d4028ffe1001a674d4028eca03c0113f2e022000003000200000300781e30632c01000468ce0fc8',
  ),
  sample(
    'High with B-frames',
    [1920, 1080],
    2,
    '01640028ffe1001b67640028acd940780227e5c044000003000400000300f03c60c65801000468ef8fcbfdf8f800',
  ),
  sample(
    'High without B-frames',
    [1920, 1080],
    0,
    '01640028ffe1001967640028acb403c0113f2e0220000003002000000781e3065401000468ef0fcbfdf8f800',
  ),
  sample(
    'High interlaced, with an HRD, colours, aspect ratio and chroma location in its VUI',
    [1920, 1080],
    2,
    '01640028ffe1002b67640028acd94078044fde1d6a0202036e00000300020000030064c080005b8d8000b71bc98601f162d96001000468febcb0fdf8f800',
  ),
  sample(
    'High interlaced with JVT scaling matrices',
    [720, 576],
    2,
    '0164001effe100186764001eacd940b424d8088000000300800000190f8a14cb01000768fba3cb3002c0fdf8f800',
  ),
  sample(
    'High, monochrome',
    [640, 360],
    0,
    '0164001effe100196764001ef2d01405ff1380b640000003004000000f03c58ba801000468ce0fc8fcf8f800',
  ),
  sample(
    'High 4:2:2',
    [636, 362],
    0,
    '017a001effe1001a677a001ebcb405017f73e022000003000200000300781e2c5d4001000468ce0fc8fef8f800',
  ),
  sample(
    'High 4:4:4 Predictive',
    [634, 360],
    0,
    '01f4001effe1001b67f4001e919680a02fe789c044000003000400000300f03c58ba8001000568ce0f1920fff8f800',
  ),
];

/** Hexadecimal, with spaces where one likes. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}
