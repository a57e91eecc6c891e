/** The path of audio from FLV tags to packets of each encoding in which somebody hears it. */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import { type AudioEncoding, audioEncodings, ofEachEncoding } from '../../src/core/codec/audio-encoding.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import { createAudioSource } from '../../src/core/flv/audio-source.js';
import type { AudioTag } from '../../src/core/flv/audio-tag.js';
import type { SaidAudio } from '../../src/core/flv/script-tag.js';
import { unitsMs } from '../../src/core/fragments/unit-samples.js';
import { packAudio } from '../../src/core/rtp/pack-audio.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import type { AudioUnit as CodedAudio } from '../fragments/units.js';
import type { StreamStats } from '../stats.js';
import { AudioOutput, type AudioOutputOptions } from './audio-output.js';
import { AudioProof, type AudioProofOptions, type AudioResult } from './audio-proof.js';

export interface AudioPathOptions extends Omit<AudioOutputOptions, 'encoding'>, AudioProofOptions {
  readonly histories: Readonly<Record<AudioEncoding, RtpHistory>>;
  /** RTP time (of the encoding's clock, wrapped and with its random offset) of a continuous 48 kHz time. */
  readonly rtpTime: (encoding: AudioEncoding, ts48k: number) => number;
  readonly onInfo: (info: MediaInfo['audio']) => void;
  /** Each frame as the source coded it. */
  readonly onUnit: (unit: CodedAudio) => void;
  /** New packets of this encoding stand in its history. */
  readonly onAudio: (encoding: AudioEncoding) => void;
}

export interface AudioPath {
  /**
   * `place` gives the time on the media timeline, null for a frame that begins where the last one ended; it is asked for
   * frames alone, once, and told how long they play, null where they do not say. `stampMs`: as received. Throws WireError.
   */
  receive(tag: AudioTag, stampMs: number, place: (playedMs: number | null) => number | null): void;
  /** What the source's metadata say of the audio. */
  describe(said: SaidAudio): void;
  /** The encodings in which somebody hears it. */
  setWanted(wanted: ReadonlySet<AudioEncoding>): void;
  /** Of what comes; null: nothing is known of it. */
  readonly config: AudioConfig | null;
  /** By how much the RTP time of each encoding is ahead of media time, in samples of 48 kHz: sender reports say so. */
  readonly skews48k: Readonly<Record<AudioEncoding, number>>;
  /** What is said of the audio does not depend on the frames to come. */
  readonly isSettled: boolean;
  readonly stats: Pick<StreamStats, 'audioFrames' | 'audioPath' | 'otherAudio'>;
  close(): void;
}

export function createAudioPath(options: AudioPathOptions): AudioPath {
  const source = createAudioSource();
  const outputs = ofEachEncoding((encoding) => new AudioOutput({ ...options, encoding }));
  let adopted: AudioConfig | null = null;
  let wanted: ReadonlySet<AudioEncoding> = new Set();
  let frames = 0;
  /** Media time of the newest frame. */
  let reachedMs = 0;
  const proof = new AudioProof(options);

  const adoptConfig = (): void => {
    const { config } = source;
    if (config === null || config === adopted) return;
    adopted = config;
    proof.begin();
    const { codec, sampleRateHz, channels } = config;
    options.onInfo({ codec, sampleRateHz, channels });
    for (const encoding of audioEncodings) outputs[encoding].use(config);
  };

  const make = (encoding: AudioEncoding, mediaMs: number | null, units: readonly Uint8Array[]): AudioResult => {
    const output = outputs[encoding];
    const errorsBefore = output.stats.decodeErrors;
    const packets = units.flatMap((data, n) => output.push(n === 0 ? mediaMs : null, data));
    for (const packet of packets)
      packAudio(options.histories[encoding], packet.data, options.rtpTime(encoding, packet.ts48k));
    if (packets.length > 0) options.onAudio(encoding);
    if (output.failure !== null) return output.failure.code === 'media.unavailable' ? 'unavailable' : 'damaged';
    if (output.stats.decodeErrors > errorsBefore) return 'damaged';
    return packets.length > 0 ? 'packets' : 'none';
  };

  /** Of those in which somebody hears it, and one more while it is not known whether anything can be heard. */
  const isMade = (encoding: AudioEncoding): boolean => wanted.has(encoding) || (encoding === 'Opus' && proof.isWanted);
  const open = (): void => {
    for (const encoding of audioEncodings) outputs[encoding].setWanted(isMade(encoding));
  };

  const hear = (mediaMs: number | null, units: readonly Uint8Array[], codec: string): void => {
    reachedMs = mediaMs ?? reachedMs;
    const results = audioEncodings
      .filter((encoding) => isMade(encoding) && !outputs[encoding].isLoading)
      .map((encoding) => make(encoding, mediaMs, units));
    const wasProved = proof.isWanted;
    proof.see(results, reachedMs, codec);
    if (proof.isWanted !== wasProved) open();
  };

  return {
    describe: source.describe,
    receive(tag, stampMs, place) {
      switch (tag.kind) {
        case 'config':
          source.configure(tag.codec, tag.data);
          adoptConfig();
          return;
        case 'unsupported':
          options.onUnusable('source.unsupportedCodec', tag.codec);
          return;
        case 'frame': {
          frames += 1;
          const units = source.unitsOf(tag, stampMs);
          const mediaMs = place(source.config === null ? null : unitsMs(source.config, units));
          adoptConfig();
          if (source.config === null) proof.unreadable(`${tag.codec} without a header that says what it is`);
          else if (units.length === 0) proof.unreadable(`${tag.codec} among frames of ${source.config.codec}`);
          if (adopted !== null) {
            for (const [n, data] of units.entries())
              options.onUnit({ track: 'audio', config: adopted, data, mediaMs: n === 0 ? mediaMs : null });
          }
          if (units.length > 0) hear(mediaMs, units, tag.codec);
          return;
        }
      }
    },
    setWanted(next) {
      wanted = new Set(next);
      open();
    },
    get config() {
      return adopted;
    },
    get skews48k() {
      return ofEachEncoding((encoding) => outputs[encoding].skew48k);
    },
    get isSettled() {
      return frames === 0 || (source.config !== null && !proof.isWanted);
    },
    get stats() {
      const others = [...wanted].filter((encoding) => encoding !== 'Opus');
      return {
        audioFrames: frames,
        audioPath: outputs.Opus.stats,
        otherAudio: others.map((codec) => ({ codec, ...outputs[codec].stats })),
      };
    },
    close() {
      for (const encoding of audioEncodings) outputs[encoding].close();
    },
  };
}
