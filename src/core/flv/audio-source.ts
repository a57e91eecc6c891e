/**
 * From a source's audio tags to units for one decoder at a time: what the audio is now, and when it became something else.
 *
 * A sequence header counts at once. What only frames or tag headers say counts when two in a row say it: one damaged
 * byte changes no codec.
 */
import { parseAudioSpecificConfig, withRateIndex } from '../codec/aac-config.js';
import { readAc3Header } from '../codec/ac3-header.js';
import { isAdts, splitAdts } from '../codec/adts.js';
import { type AudioConfig, type ConfiguredCodec, setupOf } from '../codec/audio-config.js';
import { parseFlacConfig, readFlacFrame } from '../codec/flac-config.js';
import { readMp3Header } from '../codec/mp3-header.js';
import { opusHeadFor, parseOpusHead } from '../codec/opus-config.js';
import { readOpusPacket } from '../codec/opus-packet.js';
import type { AudioTag } from './audio-tag.js';
import { createHeadlessAac } from './headless-aac.js';
import { createRawRate } from './raw-rate.js';
import type { SaidAudio } from './script-tag.js';

type FrameTag = Extract<AudioTag, { kind: 'frame' }>;

export interface AudioSource {
  /** What the units are; null before anything says it. */
  readonly config: AudioConfig | null;
  /** Throws WireError on a sequence header that cannot be read; what was known before then stays. */
  configure(codec: ConfiguredCodec, data: Uint8Array): void;
  /** What the source's metadata say: counts where nothing better does. */
  describe(said: SaidAudio): void;
  /**
   * What the decoder for `config` is to get, one after the other; an empty one stands for a frame whose bytes are of no
   * use. None where the frame belongs to another codec or nothing is known yet. `stampMs`: as received.
   */
  unitsOf(tag: FrameTag, stampMs: number): readonly Uint8Array[];
}

const damaged: readonly Uint8Array[] = [new Uint8Array(0)];

export function createAudioSource(): AudioSource {
  const configured = new Map<ConfiguredCodec, AudioConfig>();
  let config: AudioConfig | null = null;
  let said: SaidAudio = { sampleRateHz: null, channels: null };
  let headless = createHeadlessAac();
  const rawRate = createRawRate();
  /** Said once, and not yet again. */
  let rumoured: AudioConfig | null = null;

  /** True when the frame may go to the decoder for `config`. */
  const settle = (codec: FrameTag['codec'], found: AudioConfig | null): boolean => {
    if (found === null || (config !== null && isSame(found, config))) {
      if (found !== null) rumoured = null;
      return config?.codec === codec;
    }
    if (config === null || (rumoured !== null && isSame(found, rumoured))) {
      config = found;
      rumoured = null;
      return true;
    }
    rumoured = found;
    return decodesAlike(found, config);
  };

  /** A guess counts as its sequence header would: until that comes. */
  const headlessConfig = (data: Uint8Array, stampMs: number): AudioConfig | null => {
    const found = headless.observe(data, stampMs, said);
    if (found === null) return null;
    const guessed = parseAac(found);
    configured.set('AAC', guessed);
    return guessed;
  };

  const whatIsSaid = (tag: FrameTag, stampMs: number): AudioConfig | null => {
    if ('config' in tag) return rawRate.settle(tag.config, tag.data.length, stampMs, said.sampleRateHz);
    const { codec, data } = tag;
    switch (codec) {
      case 'MP3': {
        const format = readMp3Header(data);
        return format && { codec, ...format };
      }
      case 'AC-3':
      case 'E-AC-3': {
        const format = readAc3Header(data);
        return format && { codec, ...format };
      }
      case 'Opus': {
        const packet = readOpusPacket(data);
        return configured.get(codec) ?? (packet && opusHeadFor(packet.channels));
      }
      case 'FLAC':
        return configured.get(codec) ?? readFlacFrame(data);
      case 'AAC':
        return configured.get(codec) ?? headlessConfig(data, stampMs);
    }
  };

  return {
    get config() {
      return config;
    },
    configure(codec, data) {
      config = parsers[codec](Uint8Array.from(data));
      configured.set(codec, config);
      rumoured = null;
      headless = createHeadlessAac();
    },
    describe(audio) {
      said = audio;
    },
    unitsOf(tag, stampMs) {
      if (tag.codec !== 'AAC' || !isAdts(tag.data))
        return settle(tag.codec, whatIsSaid(tag, stampMs)) ? [tag.data] : [];
      const { audioSpecificConfig, units } = splitAdts(tag.data);
      const found = configured.get('AAC') ?? (units.length > 0 ? parseAac(audioSpecificConfig) : null);
      if (!settle('AAC', found)) return [];
      return units.length > 0 ? units : damaged;
    },
  };
}

function parseAac(record: Uint8Array): AudioConfig {
  const { sampleRateHz, channels } = parseAudioSpecificConfig(record);
  const audioSpecificConfig = withRateIndex(record);
  return { codec: 'AAC', audioSpecificConfig, sampleRateHz, channels };
}

const parsers: Readonly<Record<ConfiguredCodec, (data: Uint8Array) => AudioConfig>> = {
  AAC: parseAac,
  Opus: parseOpusHead,
  FLAC: parseFlacConfig,
};

function isSame(one: AudioConfig, other: AudioConfig): boolean {
  return decodesAlike(one, other) && one.sampleRateHz === other.sampleRateHz && one.channels === other.channels;
}

/** True where a decoder opened for the one takes the other's frames: those that say all of themselves, or a resent header. */
export function decodesAlike(one: AudioConfig, other: AudioConfig): boolean {
  if (one.codec !== other.codec) return false;
  if (one.codec === 'MP3' || one.codec === 'AC-3' || one.codec === 'E-AC-3') return true;
  if (one.sampleRateHz !== other.sampleRateHz || one.channels !== other.channels) return false;
  if (one.codec === 'PCM' && other.codec === 'PCM') return one.bitsPerSample === other.bitsPerSample;
  const [setup, otherSetup] = [setupOf(one), setupOf(other)];
  if (setup === null || otherSetup === null) return true;
  return setup.length === otherSetup.length && setup.every((byte, at) => byte === otherSetup[at]);
}
