/** A tone in every codec that sources send, as FLV tags. */
import { type EnhancedAudio, encodeEnhanced } from '../source/enhanced-audio.js';
import { encodeFlv, type FlvTag } from '../source/flv-file.js';

export interface CodedAudio {
  /** As REST tells it. */
  readonly codec: string;
  readonly name: string;
  readonly rateHz: number;
  readonly channels: number;
  /** A speech codec of few bits and a narrow band. */
  readonly isCoarse: boolean;
  /** `wave`: the audio as an expression of time `t`, the same in every channel. */
  encode(wave: string, seconds: number): FlvTag[];
}

/** By ffmpeg, which has FLV for the codecs of Flash. */
const plain = (codec: string, encoder: string, rateHz: number, channels: number, isCoarse = false): CodedAudio => ({
  codec,
  name: codec,
  rateHz,
  channels,
  isCoarse,
  encode(wave, seconds) {
    const source = `aevalsrc='${Array(channels).fill(wave).join('|')}':s=${rateHz}:d=${seconds}`;
    return encodeFlv(['-f', 'lavfi', '-i', source, '-c:a', encoder]).filter(({ track }) => track === 'audio');
  },
});

const enhanced = (codec: EnhancedAudio['codec'], channels: number): CodedAudio => ({
  codec,
  name: `${codec} by Enhanced RTMP`,
  rateHz: 48_000,
  channels,
  isCoarse: false,
  encode: (wave, seconds) => encodeEnhanced({ codec, wave, rateHz: 48_000, channels, seconds }),
});

/** Those that are decoded: all but Opus of one or two channels. */
export const decodedAudio: readonly CodedAudio[] = [
  ...[44_100, 48_000, 22_050, 11_025, 8000].flatMap((rateHz) => [1, 2].map((n) => plain('AAC', 'aac', rateHz, n))),
  plain('AAC', 'aac', 48_000, 6),
  plain('AAC', 'aac', 48_000, 8),
  plain('MP3', 'libmp3lame', 44_100, 2),
  plain('MP3', 'libmp3lame', 22_050, 1),
  plain('Speex', 'libspeex', 16_000, 1, true),
  plain('PCMA', 'pcm_alaw', 8000, 1),
  plain('PCMU', 'pcm_mulaw', 8000, 1),
  plain('Nellymoser', 'nellymoser', 8000, 1, true),
  plain('Nellymoser', 'nellymoser', 22_050, 1, true),
  plain('ADPCM', 'adpcm_swf', 22_050, 1),
  plain('PCM', 'pcm_s16le', 44_100, 2),
  plain('PCM', 'pcm_u8', 11_025, 1),
  ...(['AAC', 'FLAC', 'AC-3', 'E-AC-3'] as const).flatMap((codec) => [2, 6].map((n) => enhanced(codec, n))),
  enhanced('MP3', 2),
  enhanced('Opus', 6),
];

/** Those that go out as they came. */
export const passedAudio: readonly CodedAudio[] = [enhanced('Opus', 1), enhanced('Opus', 2)];
