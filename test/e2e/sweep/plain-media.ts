/** What the inputs of the sweep are made of: two seconds of each codec, 25 pictures and a tone of 440 Hz. */
import { makeVideoTags, type VideoMaking } from '../../support/media/coded-video.js';
import { encodeEnhanced } from '../../support/source/enhanced-audio.js';
import { encodeFlv, type FlvTag } from '../../support/source/flv-file.js';
import { fps, roundMs, trackOf } from './input.js';

const seconds = roundMs / 1000;
const amplitude = 0.25;
const wave = `${amplitude}*sin(440*2*PI*t)`;

export const makeVideo = (making: VideoMaking): Promise<readonly FlvTag[]> =>
  makeVideoTags({ width: 160, height: 96, fps, frames: fps * seconds, gop: fps, bitrateKbps: 150, ...making });

/** By an encoder of ffmpeg's, in tags as they always were. */
export const classicAudio = (encoder: string, rateHz: number, channels: number): readonly FlvTag[] =>
  trackOf(
    encodeFlv([
      ...['-f', 'lavfi', '-i', `aevalsrc='${Array(channels).fill(wave).join('|')}':s=${rateHz}:d=${seconds}`],
      ...['-c:a', encoder],
    ]),
    'audio',
  );

/** In tags of Enhanced RTMP. */
export const enhancedAudio = (codec: 'Opus' | 'FLAC' | 'AC-3' | 'E-AC-3' | 'MP3'): readonly FlvTag[] =>
  encodeEnhanced({ codec, wave, rateHz: 48_000, channels: 2, seconds });

/** H.264 by ffmpeg, where makeVideoTags has no such option. */
export const classicVideo = (...coding: readonly string[]): readonly FlvTag[] =>
  trackOf(
    encodeFlv([
      ...['-f', 'lavfi', '-i', `testsrc2=size=160x96:rate=${fps}`, '-t', String(seconds)],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(fps), '-sc_threshold', '0', ...coding],
    ]),
    'video',
  );

export interface PlainMedia {
  readonly h264: readonly FlvTag[];
  readonly hevc: readonly FlvTag[];
  readonly av1: readonly FlvTag[];
  readonly vp9: readonly FlvTag[];
  readonly aac: readonly FlvTag[];
  readonly opus: readonly FlvTag[];
  readonly flac: readonly FlvTag[];
}

export async function makePlainMedia(): Promise<PlainMedia> {
  return {
    h264: await makeVideo({ codec: 'H264', options: { 'x264-params': 'slices=4' } }),
    hevc: await makeVideo({ codec: 'HEVC' }),
    av1: await makeVideo({ codec: 'AV1' }),
    vp9: await makeVideo({ codec: 'VP9' }),
    aac: classicAudio('aac', 44_100, 2),
    opus: enhancedAudio('Opus'),
    flac: enhancedAudio('FLAC'),
  };
}
