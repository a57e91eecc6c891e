/** The path of audio from FLV tags to packets of each encoding in which somebody hears it. */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import { type AudioEncoding, audioEncodings, ofEachEncoding } from '../../src/core/codec/audio-encoding.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import { type AudioUnit, createAudioSource } from '../../src/core/flv/audio-source.js';
import type { AudioTag } from '../../src/core/flv/audio-tag.js';
import { packAudio } from '../../src/core/rtp/pack-audio.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import type { StreamStats } from '../stats.js';
import { AudioOutput, type AudioOutputOptions } from './audio-output.js';

export interface AudioPathOptions extends Omit<AudioOutputOptions, 'encoding'> {
  readonly histories: Readonly<Record<AudioEncoding, RtpHistory>>;
  /** RTP time (of the encoding's clock, wrapped and with its random offset) of a continuous 48 kHz time. */
  readonly rtpTime: (encoding: AudioEncoding, ts48k: number) => number;
  readonly onInfo: (info: MediaInfo['audio']) => void;
  /** New packets of this encoding stand in its history. */
  readonly onAudio: (encoding: AudioEncoding) => void;
  readonly onUnsupported: (codec: string) => void;
}

export interface AudioPath {
  /** `place` gives the time on the media time-line, and is asked for frames alone, once. Throws WireError. */
  receive(tag: AudioTag, place: () => number): void;
  /** The encodings in which somebody hears it. */
  setWanted(wanted: ReadonlySet<AudioEncoding>): void;
  /** By how much the RTP time of each encoding is ahead of media time, in samples of 48 kHz: sender reports say so. */
  readonly skews48k: Readonly<Record<AudioEncoding, number>>;
  readonly stats: Pick<StreamStats, 'audioFrames' | 'audioPath' | 'otherAudio'>;
  close(): void;
}

export function createAudioPath(options: AudioPathOptions): AudioPath {
  const source = createAudioSource();
  const outputs = ofEachEncoding((encoding) => new AudioOutput({ ...options, encoding }));
  let adopted: AudioConfig | null = null;
  let wanted: ReadonlySet<AudioEncoding> = new Set();
  let frames = 0;

  const adoptConfig = (): void => {
    const { config } = source;
    if (config === null || config === adopted) return;
    adopted = config;
    const { codec, sampleRateHz, channels } = config;
    options.onInfo({ codec, sampleRateHz, channels });
    for (const encoding of audioEncodings) outputs[encoding].use(config);
  };

  const make = (encoding: AudioEncoding, mediaMs: number, units: readonly AudioUnit[]): void => {
    const packets = units.flatMap(({ data, afterMs }) => outputs[encoding].push(mediaMs + afterMs, data));
    for (const packet of packets)
      packAudio(options.histories[encoding], packet.data, options.rtpTime(encoding, packet.ts48k));
    if (packets.length > 0) options.onAudio(encoding);
  };

  return {
    receive(tag, place) {
      switch (tag.kind) {
        case 'config':
          source.configure(tag.codec, tag.data);
          adoptConfig();
          return;
        case 'unsupported':
          options.onUnsupported(tag.codec);
          return;
        case 'frame': {
          frames += 1;
          const mediaMs = place();
          const units = source.unitsOf(tag);
          adoptConfig();
          for (const encoding of wanted) make(encoding, mediaMs, units);
          return;
        }
      }
    },
    setWanted(next) {
      wanted = new Set(next);
      for (const encoding of audioEncodings) outputs[encoding].setWanted(wanted.has(encoding));
    },
    get skews48k() {
      return ofEachEncoding((encoding) => outputs[encoding].skew48k);
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
