/**
 * Samples to fragmented MP4 by FFmpeg's muxer, each sample a fragment at once (movflags frag_custom, and a flush after each).
 *
 * - FFmpeg is told that each sample begins where the one before it ended, and the decode time is written into the fragment
 *   afterwards. By itself it puts what comes behind a gap at the end of what was before it, and moves what is earlier than that end
 *   there, without its composition time; all that follow too.
 * - A header that was refused must not be followed by a sample: FFmpeg divides by a zero time base, and the process is gone
 *   (SIGFPE, seen).
 */
import {
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_AC3,
  AV_CODEC_ID_EAC3,
  AV_CODEC_ID_FLAC,
  AV_CODEC_ID_MP3,
  AV_CODEC_ID_OPUS,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AV_PROFILE_VP9_0,
  AV_PROFILE_VP9_2,
  AV_SAMPLE_FMT_FLTP,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import type { FormatContext, Stream } from 'node-av/lib';
import { type AudioConfig, setupOf } from '../../src/core/codec/audio-config.js';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import { type FragmentTrack, videoTimescale } from '../../src/core/fragments/fragment.js';
import { rebase } from '../../src/core/fragments/rebase.js';
import { audioTimescale } from '../../src/core/fragments/unit-samples.js';
import { SluiceError } from '../../src/errors.js';
import { optionOf } from './muxer-options.js';
import { inNative, mustSucceed, type NativeAv, type NativeGuard } from './native.js';
import { videoIds } from './video-ids.js';

export interface MuxedVideo {
  readonly config: VideoConfig;
  readonly width: number;
  readonly height: number;
  /** 2 and 3 of VP9 are of 10 bits. */
  readonly isDeep: boolean;
  /** Where the codec's configuration is not known apart from it (AV1 without a sequence header). */
  readonly keyframe: Uint8Array;
}

export interface MuxedTracks {
  readonly video: MuxedVideo | null;
  readonly audio: AudioConfig | null;
}

/** Times in ticks of the track: 90,000 a second of video, and of audio those of `audioTimescale`. */
export interface Sample {
  readonly track: FragmentTrack;
  readonly data: Uint8Array;
  readonly isKeyframe: boolean;
  readonly dts: number;
  readonly pts: number;
  readonly duration: number;
}

export interface FragmentMuxer {
  /** ftyp and moov. */
  readonly init: Uint8Array;
  /** RFC 6381, video first. */
  readonly codecs: readonly string[];
  /** moof and mdat. Of one track, each dts must be greater than the last. */
  write(sample: Sample): Uint8Array;
  close(): void;
}

const audioIds = {
  AAC: AV_CODEC_ID_AAC,
  Opus: AV_CODEC_ID_OPUS,
  MP3: AV_CODEC_ID_MP3,
  'AC-3': AV_CODEC_ID_AC3,
  'E-AC-3': AV_CODEC_ID_EAC3,
  FLAC: AV_CODEC_ID_FLAC,
} as const;

const audioIdOf = (config: AudioConfig) =>
  Object.entries(audioIds).find(([codec]) => codec === config.codec)?.[1] ?? null;

const options = {
  movflags: 'frag_custom+empty_moov+default_base_moof+skip_sidx',
  use_editlist: '0',
  write_tmcd: '0',
} as const;

const bufferBytes = 65_536;

/** Error: internal, where FFmpeg refuses the tracks. */
export function createFragmentMuxer(av: NativeAv, guard: NativeGuard, tracks: MuxedTracks): FragmentMuxer {
  const { lib } = av;
  const chunks: Buffer[] = [];
  const context = new lib.FormatContext();
  const io = new lib.IOContext();
  const packet = new lib.Packet();
  const indexes: Partial<Record<FragmentTrack, number>> = {};
  /** Where the last sample of a track ended, by what FFmpeg was told. */
  const ends: Record<FragmentTrack, number> = { video: 0, audio: 0 };

  const take = (): Uint8Array => {
    // Memory of its own: a message to another thread takes the whole of what a view is of.
    const bytes = new Uint8Array(chunks.reduce((total, { length }) => total + length, 0));
    let at = 0;
    for (const chunk of chunks.splice(0)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  };
  const close = (): void =>
    inNative(guard, () => {
      packet.free();
      context.pb = null;
      io.freeContext();
      context.freeContext();
    });

  const open = (): readonly string[] => {
    mustSucceed('the MP4 muxer', context.allocOutputContext2(null, 'mp4', null));
    io.allocContextWithCallbacks(bufferBytes, 1, null, (bytes) => {
      chunks.push(Buffer.from(bytes));
      return bytes.length;
    });
    context.pb = io;
    for (const [name, value] of Object.entries(options)) {
      mustSucceed(name, optionOf(context, name, value));
    }
    const streams = [
      ...(tracks.video === null ? [] : [addVideo(av, context, tracks.video)]),
      ...(tracks.audio === null ? [] : [addAudio(av, context, tracks.audio)]),
    ];
    if (tracks.video !== null) indexes.video = 0;
    if (tracks.audio !== null) indexes.audio = streams.length - 1;
    mustSucceed('the MP4 header', context.writeHeaderSync(null));
    io.flushSync();
    packet.alloc();
    return streams.map(({ codecpar }) => codecpar.getCodecString() ?? '');
  };

  let codecs: readonly string[];
  try {
    codecs = inNative(guard, open);
  } catch (error) {
    close();
    throw error;
  }
  const init = take();

  return {
    init,
    codecs,
    write({ track, data, isKeyframe, dts, pts, duration }) {
      const index = indexes[track];
      if (index === undefined) throw new SluiceError('internal', `the muxer has no ${track}`);
      const toldDts = ends[track];
      ends[track] += duration;
      inNative(guard, () => {
        packet.unref();
        packet.data = Buffer.from(data.buffer, data.byteOffset, data.length);
        packet.streamIndex = index;
        packet.dts = BigInt(toldDts);
        packet.pts = BigInt(toldDts + pts - dts);
        packet.duration = BigInt(duration);
        packet.isKeyframe = isKeyframe;
        mustSucceed('a sample', context.writeFrameSync(packet));
        mustSucceed('a fragment', context.writeFrameSync(null));
        io.flushSync();
      });
      const fragment = take();
      rebase(fragment, toldDts - dts);
      return fragment;
    },
    close,
  };
}

function addVideo({ lib }: NativeAv, context: FormatContext, video: MuxedVideo): Stream {
  const { config, width, height, isDeep, keyframe } = video;
  const stream = context.newStream(null);
  const { codecpar } = stream;
  codecpar.codecType = AVMEDIA_TYPE_VIDEO;
  codecpar.codecId = videoIds[config.codec];
  codecpar.width = width;
  codecpar.height = height;
  codecpar.format = isDeep ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
  // Apple takes HEVC with its parameter sets in the sample entry alone.
  if (config.codec === 'HEVC') codecpar.codecTag = 'hvc1';
  const setup = config.extraData.length > 0 || config.codec !== 'AV1' ? config.extraData : keyframe;
  if (setup.length > 0) codecpar.extradata = Buffer.from(setup);
  if (config.codec === 'VP9') {
    codecpar.profile = isDeep ? AV_PROFILE_VP9_2 : AV_PROFILE_VP9_0;
    codecpar.level = vp9Level;
  }
  stream.timeBase = new lib.Rational(1, videoTimescale);
  return stream;
}

/** 3.1: nothing in a VP9 stream says it, and a decoder of it takes 720p; browsers ask for some level in the codec string. */
const vp9Level = 31;

function addAudio({ lib }: NativeAv, context: FormatContext, config: AudioConfig): Stream {
  const stream = context.newStream(null);
  const { codecpar } = stream;
  const id = audioIdOf(config);
  if (id === null) throw new SluiceError('internal', `${config.codec} has no place in MP4`);
  codecpar.codecType = AVMEDIA_TYPE_AUDIO;
  codecpar.codecId = id;
  codecpar.sampleRate = audioTimescale(config);
  codecpar.channels = config.channels;
  codecpar.format = AV_SAMPLE_FMT_FLTP;
  const setup = setupOf(config);
  if (setup !== null) codecpar.extradata = Buffer.from(setup);
  stream.timeBase = new lib.Rational(1, audioTimescale(config));
  return stream;
}
