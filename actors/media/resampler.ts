import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CHANNEL_ORDER_NATIVE,
  AV_CHANNEL_ORDER_UNSPEC,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AV_SAMPLE_FMT_S16P,
  AV_SAMPLE_FMT_S32,
  AV_SAMPLE_FMT_S32P,
  AV_SAMPLE_FMT_U8,
  AV_SAMPLE_FMT_U8P,
  type AVSampleFormat,
} from 'node-av/constants';
import type { Frame, SoftwareResampleContext } from 'node-av/lib';
import { SluiceError } from '../../src/errors.js';
import { mustSucceed, type NativeAv } from './native.js';

/** 48 kHz stereo, interleaved 32-bit float: what libopus takes. */
export const outputRateHz = 48_000;
export const outputChannels = 2;
/** As many as FFmpeg's frames have planes of their own: given more, the binding writes beyond its own memory. */
export const maxChannels = 8;
const bytesPerSample = 4 * outputChannels;

/** Audio of any format, rate and layout to 48 kHz stereo (libswresample); call it inside `inNative` only. */
export interface Resampler {
  /** Gives interleaved stereo, valid until the next call. A change of the frames' format rebuilds the converter. */
  convert(frame: Frame): Float32Array;
  /** As if a silent frame like the last one had come; nothing when there was none yet. */
  silence(): Float32Array;
  /** Makes `samples` more (negative: fewer) out of what follows, spread over `overSamples`; both of 48 kHz. */
  correct(samples: number, overSamples: number): void;
  /** Samples of 48 kHz that went in and have not come out. */
  heldSamples(): number;
  close(): void;
}

interface Converter {
  readonly context: SoftwareResampleContext;
  readonly sampleFormat: AVSampleFormat;
  readonly rateHz: number;
  readonly channels: number;
  readonly mask: bigint;
}

export function createResampler(av: NativeAv): Resampler {
  let converter: Converter | null = null;
  let silentPlanes: Buffer[] = [];
  let silentSamples = 0;
  // An ArrayBuffer of its own, so that a Float32Array may lie on it.
  let output = Buffer.from(new ArrayBuffer(2048 * bytesPerSample));

  const run = (context: SoftwareResampleContext, planes: Buffer[], samples: number): Float32Array => {
    const room = context.getOutSamples(samples);
    mustSucceed('asking how much the resampler will give', room);
    if (output.length < room * bytesPerSample) output = Buffer.from(new ArrayBuffer(2 * room * bytesPerSample));
    const given = context.convertSync([output], room, planes, samples);
    mustSucceed('resampling', given);
    return new Float32Array(output.buffer, 0, given * outputChannels);
  };

  const convert = (frame: Frame): Float32Array => {
    if (converter === null || !fits(converter, frame)) {
      converter?.context.free();
      converter = null;
      // Its bytes are those of the format before.
      silentSamples = 0;
      converter = openConverter(av, frame);
    }
    const planes = frame.extendedData ?? [];
    if (silentSamples !== frame.nbSamples) {
      silentSamples = frame.nbSamples;
      silentPlanes = planes.map((plane) => Buffer.alloc(plane.length));
    }
    return run(converter.context, planes, frame.nbSamples);
  };

  return {
    convert,
    silence: () => (converter === null ? new Float32Array(0) : run(converter.context, silentPlanes, silentSamples)),
    correct: (samples, overSamples) => {
      if (converter !== null) mustSucceed('correcting', converter.context.setCompensation(samples, overSamples));
    },
    heldSamples: () => (converter === null ? 0 : Number(converter.context.getDelay(BigInt(outputRateHz)))),
    close: () => {
      converter?.context.free();
      converter = null;
    },
  };
}

function fits(converter: Converter, frame: Frame): boolean {
  return (
    converter.sampleFormat === frame.format &&
    converter.rateHz === frame.sampleRate &&
    converter.channels === frame.channels &&
    converter.mask === frame.channelLayout.mask
  );
}

function openConverter({ lib }: NativeAv, frame: Frame): Converter {
  const { sampleRate: rateHz, channels } = frame;
  if (channels > maxChannels) throw new SluiceError('internal', `FFmpeg: ${channels} channels`);
  const { mask } = frame.channelLayout;
  const sampleFormat = sampleFormats.find((known) => known === frame.format);
  if (sampleFormat === undefined) throw new SluiceError('internal', `FFmpeg: sample format ${frame.format}`);
  // A layout without a mask is given by its number of channels alone: FFmpeg then assumes the usual one.
  const order = mask === 0n ? AV_CHANNEL_ORDER_UNSPEC : AV_CHANNEL_ORDER_NATIVE;
  const context = new lib.SoftwareResampleContext();
  const opened = context.allocSetOpts2(
    AV_CHANNEL_LAYOUT_STEREO,
    AV_SAMPLE_FMT_FLT,
    outputRateHz,
    { nbChannels: channels, order, mask },
    sampleFormat,
    rateHz,
  );
  mustSucceed('setting up the resampler', opened);
  // More channels than two are mixed so that the sum cannot clip.
  mustSucceed('mixing down without clipping', context.setOption('rematrix_maxval', '1'));
  // FFmpeg would give each side 3 dB less than the one channel has.
  if (channels === 1) mustSucceed('one channel to two', context.setMatrix([1, 1], 1));
  mustSucceed('opening the resampler', context.init());
  return { context, sampleFormat, rateHz, channels, mask };
}

const sampleFormats: readonly AVSampleFormat[] = [
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16P,
  AV_SAMPLE_FMT_S32P,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_S16,
  AV_SAMPLE_FMT_S32,
  AV_SAMPLE_FMT_U8,
  AV_SAMPLE_FMT_U8P,
];
