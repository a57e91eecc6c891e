/** How long a frame of audio lasts, where a container states it; null for codecs that MP4 does not carry to browsers. */
import { parseAudioSpecificConfig } from '../codec/aac-config.js';
import type { AudioConfig } from '../codec/audio-config.js';
import type { MediaInfo } from '../codec/media-info.js';
import { readOpusPacket } from '../codec/opus-packet.js';

const aacSamples = 1024;
const ac3Samples = 1536;
/** Layer III, by MPEG 1 and by the lower rates of MPEG 2 and 2.5 (ISO/IEC 11172-3, 13818-3). */
const mp3Samples = (sampleRateHz: number): number => (sampleRateHz >= 32_000 ? 1152 : 576);
const opusRateHz = 48_000;

/** Samples of the track's own rate in one unit. */
export function unitSamples(config: AudioConfig, data: Uint8Array): number | null {
  switch (config.codec) {
    case 'AAC':
      // The rate of a configuration with SBR is that of the output: twice the samples.
      return parseAudioSpecificConfig(config.audioSpecificConfig).sbr ? 2 * aacSamples : aacSamples;
    case 'Opus':
      return readOpusPacket(data)?.samples ?? null;
    case 'MP3':
      return mp3Samples(config.sampleRateHz);
    case 'AC-3':
    case 'E-AC-3':
      return ac3Samples;
    case 'FLAC':
      // The largest block size (RFC 9639 8.2), which all but the last one have.
      return ((config.streamInfo[2] ?? 0) << 8) | (config.streamInfo[3] ?? 0);
    default:
      return null;
  }
}

/** Ticks a second of the audio track. */
export const audioTimescale = (config: AudioConfig): number =>
  config.codec === 'Opus' ? opusRateHz : config.sampleRateHz;

/** How long these units of one message play; null where they do not say. */
export function unitsMs(config: AudioConfig, units: readonly Uint8Array[]): number | null {
  let samples = 0;
  for (const data of units) {
    const ofUnit = unitSamples(config, data);
    if (ofUnit === null || ofUnit === 0) return null;
    samples += ofUnit;
  }
  return (samples * 1000) / audioTimescale(config);
}

/** MP4 carries it, and players take it from there. */
const muxed: readonly AudioConfig['codec'][] = ['AAC', 'Opus', 'MP3', 'AC-3', 'E-AC-3', 'FLAC'];
const muxedNames: ReadonlySet<string> = new Set(muxed);

export const canMuxAudio = ({ codec }: Pick<NonNullable<MediaInfo['audio']>, 'codec'>): boolean =>
  muxedNames.has(codec);
