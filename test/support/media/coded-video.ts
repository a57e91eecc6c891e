/** Streams of every codec that a source may send, made by FFmpeg's encoders and its FLV muxer (Enhanced RTMP). */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
} from 'node-av/constants';
import { type CodecContext, FormatContext } from 'node-av/lib';
import { inNative, loadNativeAv, mustSucceed, type NativeAv } from '../../../actors/media/native.js';
import type { SourceCodec } from '../../../src/core/codec/video-codecs.js';
import { parseVideoTag, type VideoTag } from '../../../src/core/flv/video-tag.js';
import { cutFlv, type FlvTag } from '../source/flv-file.js';
import { type Plane, paintNumber } from './numbered-frame.js';
import { backToUsualPriority } from './usual-priority.js';

export const noGuard = { enter: () => {}, leave: () => {} };

export interface VideoMaking {
  readonly codec: SourceCodec;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  readonly frames?: number;
  /** Frames from keyframe to keyframe. */
  readonly gop?: number;
  readonly bitrateKbps?: number;
  /** H264 and HEVC: B-frames between others. */
  readonly bFrames?: number;
  /** 10 bits a sample in place of 8. */
  readonly isDeep?: boolean;
  /** Options of the encoder, by name. */
  readonly options?: Readonly<Record<string, string>>;
  /** In place of numbered frames: planar 4:2:0 of 8 bits, without padding. */
  readonly raw?: readonly Uint8Array[];
}

const defaults = {
  width: 320,
  height: 180,
  fps: 30,
  frames: 60,
  gop: 30,
  bitrateKbps: 500,
  bFrames: 0,
  isDeep: false,
  options: {},
  raw: [],
};
type Made = Required<VideoMaking>;

/** The video tags of frames that say their number, 30 a second unless told otherwise. */
export async function makeVideoTags(making: VideoMaking): Promise<FlvTag[]> {
  // SVT-AV1 writes what it is by itself to stderr.
  process.env.SVT_LOG ??= '0';
  const av = await loadNativeAv(noGuard);
  const made: Made = { ...defaults, ...making };
  const folder = mkdtempSync(join(tmpdir(), 'sluice-video-'));
  try {
    const file = join(folder, 'video.flv');
    inNative(noGuard, () => encodeToFlv(av, openEncoder(av, made), made, file));
    if (made.codec === 'AV1') backToUsualPriority();
    return cutFlv(readFileSync(file)).filter(({ track }) => track === 'video');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface MadeVideo {
  readonly config: Extract<VideoTag, { kind: 'config' }>;
  /** In decoding order, as a decoder takes them. */
  readonly frames: readonly { readonly data: Uint8Array; readonly isKeyframe: boolean; readonly pts90k: number }[];
}

/** The same as our own reading of the tags gives it. */
export async function makeVideo(making: VideoMaking): Promise<MadeVideo> {
  const tags = await makeVideoTags(making);
  const read = tags.map(({ timestampMs, body }) => ({ timestampMs, tag: parseVideoTag(body) }));
  const config = read.map(({ tag }) => tag).find((tag) => tag.kind === 'config');
  if (config === undefined) throw new Error(`the muxer wrote no ${making.codec} configuration`);
  const frames = read.flatMap(({ timestampMs, tag }) => {
    if (tag.kind !== 'frame') return [];
    return [{ data: tag.data, isKeyframe: tag.isKeyframe, pts90k: (timestampMs + tag.compositionTimeMs) * 90 }];
  });
  return { config, frames };
}

function openEncoder({ lib }: NativeAv, made: Made): CodecContext {
  const names = {
    H264: FF_ENCODER_LIBX264,
    HEVC: FF_ENCODER_LIBX265,
    AV1: FF_ENCODER_LIBSVTAV1,
    VP9: FF_ENCODER_LIBVPX_VP9,
  } as const;
  const codec = lib.Codec.findEncoderByName(names[made.codec]);
  const context = new lib.CodecContext();
  context.allocContext3(codec);
  context.width = made.width;
  context.height = made.height;
  context.pixelFormat = made.isDeep ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
  context.timeBase = new lib.Rational(1, made.fps);
  context.framerate = new lib.Rational(made.fps, 1);
  context.gopSize = made.gop;
  context.threadCount = 1;
  context.bitRate = BigInt(made.bitrateKbps * 1000);
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  for (const [name, value] of Object.entries({ ...ownOptions(made), ...made.options })) {
    mustSucceed(`option ${name} of ${made.codec}`, context.setOption(name, value));
  }
  mustSucceed(`opening the encoder of ${made.codec}`, context.open2Sync(codec, null));
  return context;
}

function ownOptions({ codec, bFrames }: Made): Readonly<Record<string, string>> {
  const x265 = `log-level=none:bframes=${bFrames}:b-adapt=0:scenecut=0:open-gop=0:pools=1:frame-threads=1`;
  switch (codec) {
    case 'H264':
      return { preset: 'ultrafast', bf: String(bFrames), b_strategy: '0', sc_threshold: '0' };
    case 'HEVC':
      return { preset: 'ultrafast', 'x265-params': x265 };
    case 'AV1':
      return { preset: '12', 'svtav1-params': 'lp=1' };
    case 'VP9':
      return { deadline: 'realtime', 'cpu-used': '8', 'lag-in-frames': '0' };
  }
}

function encodeToFlv({ lib }: NativeAv, context: CodecContext, made: Made, file: string): void {
  const { width, height } = made;
  const format = new FormatContext();
  mustSucceed('the FLV muxer', format.allocOutputContext2(null, 'flv', file));
  mustSucceed('the file', format.openOutputSync());
  const stream = format.newStream(null);
  mustSucceed('codec parameters', stream.codecpar.fromContext(context));
  stream.timeBase = context.timeBase;
  mustSucceed('the header', format.writeHeaderSync(null));
  const frame = new lib.Frame();
  const packet = new lib.Packet();
  frame.alloc();
  packet.alloc();
  frame.format = context.pixelFormat;
  frame.width = width;
  frame.height = height;
  mustSucceed('a frame', frame.getBuffer(0));
  for (let n = 0; n <= made.frames; n += 1) {
    mustSucceed('a writable frame', frame.makeWritable());
    const planes = (frame.data ?? []).map((data, at) => ({ data, stride: frame.linesize[at] ?? 0 }));
    const raw = made.raw[n % made.raw.length];
    if (raw !== undefined) copyFrame(planes, raw, width, height);
    else paintNumber(planes, { width, height, sampleBytes: made.isDeep ? 2 : 1 }, n);
    frame.pts = BigInt(n);
    // One past the last frame, null drains the encoder.
    mustSucceed('encoding', context.sendFrameSync(n < made.frames ? frame : null));
    while (context.receivePacketSync(packet) >= 0) {
      packet.streamIndex = 0;
      packet.rescaleTs(context.timeBase, stream.timeBase);
      mustSucceed('writing', format.writeFrameSync(packet));
      packet.unref();
    }
  }
  mustSucceed('the trailer', format.writeTrailerSync());
  format.closeOutputSync();
  for (const owner of [frame, packet]) owner.free();
  for (const owner of [format, context]) owner.freeContext();
}

function copyFrame(planes: readonly Plane[], raw: Uint8Array, width: number, height: number): void {
  let from = 0;
  for (const [n, { data, stride }] of planes.slice(0, 3).entries()) {
    const [columns, lines] = n === 0 ? [width, height] : [width / 2, height / 2];
    for (let y = 0; y < lines; y += 1, from += columns) data.set(raw.subarray(from, from + columns), y * stride);
  }
}
