/**
 * Audio as fragments of MP4 carry it: the source's own frames, or, where MP4 has no place for them that players know (G.711, PCM,
 * Speex, Nellymoser, ADPCM), AAC, encoded once for all who take fragments.
 */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import { decodesAlike } from '../../src/core/flv/audio-source.js';
import { canMuxAudio } from '../../src/core/fragments/unit-samples.js';
import type { AudioUnit } from '../fragments/units.js';
import { AudioTranscoding, type AudioTranscodingOptions } from './audio-transcoding.js';

export interface FragmentAudioOptions extends Pick<AudioTranscodingOptions, 'guard' | 'loadAudio' | 'log'> {
  readonly onUnit: (unit: AudioUnit) => void;
}

export interface FragmentAudio {
  push(unit: AudioUnit): void;
  /** Somebody takes fragments: nothing is encoded before. */
  setWanted(isWanted: boolean): void;
  close(): void;
}

/** Sources that are encoded again are mostly of one channel and 8 or 16 kHz. */
const bitrateKbps = 96;
/** LC, 48 kHz, two channels (ISO/IEC 14496-3 section 1.6.2.1): what actors/media/aac-encoder.ts makes. */
const aac: AudioConfig = {
  codec: 'AAC',
  audioSpecificConfig: Uint8Array.of(0x11, 0x90),
  sampleRateHz: 48_000,
  channels: 2,
};

export function createFragmentAudio({ guard, loadAudio, log, onUnit }: FragmentAudioOptions): FragmentAudio {
  let isWanted = false;
  /** What is encoded now. */
  let source: AudioConfig | null = null;
  let next48k: number | null = null;
  const transcoding = new AudioTranscoding({
    encoding: 'AAC',
    bitrateKbps,
    guard,
    loadAudio,
    log,
    onClose: (transcoder) => {
      next48k = transcoder.next48k ?? next48k;
    },
    next48k: () => next48k,
  });
  const close = (): void => {
    source = null;
    transcoding.close();
  };
  const open = (config: AudioConfig): void => {
    if (source !== null && decodesAlike(source, config)) return;
    source = config;
    transcoding.forgive();
    transcoding.open(config);
  };

  return {
    push(unit) {
      if (canMuxAudio(unit.config)) {
        if (source !== null) close();
        onUnit(unit);
        return;
      }
      if (!isWanted) return;
      open(unit.config);
      for (const { data, ts48k } of transcoding.push(unit.mediaMs, unit.data))
        onUnit({ track: 'audio', config: aac, data, mediaMs: ts48k / 48 });
    },
    setWanted(next) {
      isWanted = next;
      if (!isWanted) close();
    },
    close,
  };
}
