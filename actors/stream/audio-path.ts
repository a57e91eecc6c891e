/** The sound's way from FLV tags to packets of each form in which somebody hears it. */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import { ofEachSound, type SentSound, sentSounds } from '../../src/core/codec/sent-sound.js';
import { type AudioUnit, createAudioSource } from '../../src/core/flv/audio-source.js';
import { parseAudioTag } from '../../src/core/flv/audio-tag.js';
import { packSound } from '../../src/core/rtp/pack-sound.js';
import type { PacketLog } from '../../src/core/rtp/packet-log.js';
import type { AudioWay, SoundFormStats } from '../stats.js';
import { createSoundMaking, type SoundMakingOptions } from './sound-making.js';

export interface AudioPathOptions extends Omit<SoundMakingOptions, 'sound'> {
  readonly logs: Readonly<Record<SentSound, PacketLog>>;
  /** RTP time (of the form's clock, wrapped and with its random offset) of a continuous 48 kHz time. */
  readonly rtpTime: (sound: SentSound, ts48k: number) => number;
  readonly onInfo: (info: MediaInfo['audio']) => void;
  /** New packets of this form stand in its log. */
  readonly onSound: (sound: SentSound) => void;
  readonly onUnsupported: (codec: string) => void;
}

export interface AudioPath {
  /**
   * One RTMP audio message. `place` gives its place on the media time-line, and is asked for sound alone, once. Throws WireError
   * on bytes that are no FLV audio tag.
   */
  receive(place: () => number, body: Uint8Array): void;
  /** The forms in which somebody hears it. */
  setWanted(wanted: ReadonlySet<SentSound>): void;
  /** By how much the RTP time of each form is ahead of media time, in samples of 48 kHz: sender reports say so. */
  readonly skews48k: Readonly<Record<SentSound, number>>;
  /** To Opus, which most viewers hear. */
  readonly way: AudioWay;
  /** To the other forms, where there is somebody who hears them. */
  readonly otherSounds: readonly SoundFormStats[];
  readonly frames: number;
  close(): void;
}

export function createAudioPath(options: AudioPathOptions): AudioPath {
  const source = createAudioSource();
  const makings = ofEachSound((sound) => createSoundMaking({ ...options, sound }));
  let told: AudioConfig | null = null;
  let wanted: ReadonlySet<SentSound> = new Set();
  let frames = 0;

  const heed = (): void => {
    const { config } = source;
    if (config === null || config === told) return;
    told = config;
    const { codec, sampleRateHz, channels } = config;
    options.onInfo({ codec, sampleRateHz, channels });
    for (const sound of sentSounds) makings[sound].use(config);
  };

  const make = (sound: SentSound, mediaMs: number, units: readonly AudioUnit[]): void => {
    const packets = units.flatMap(({ data, afterMs }) => makings[sound].push(mediaMs + afterMs, data));
    for (const packet of packets) packSound(options.logs[sound], packet.data, options.rtpTime(sound, packet.ts48k));
    if (packets.length > 0) options.onSound(sound);
  };

  return {
    receive(place, body) {
      const tag = parseAudioTag(body);
      switch (tag.kind) {
        case 'config':
          source.configure(tag.codec, tag.data);
          heed();
          return;
        case 'unsupported':
          options.onUnsupported(tag.codec);
          return;
        case 'frame': {
          frames += 1;
          const mediaMs = place();
          const units = source.unitsOf(tag);
          heed();
          for (const sound of wanted) make(sound, mediaMs, units);
          return;
        }
      }
    },
    setWanted(next) {
      wanted = new Set(next);
      for (const sound of sentSounds) makings[sound].setWanted(wanted.has(sound));
    },
    get skews48k() {
      return ofEachSound((sound) => makings[sound].skew48k);
    },
    get way() {
      return makings.Opus.way;
    },
    get otherSounds() {
      const heard = [...wanted].filter((sound) => sound !== 'Opus');
      return heard.map((codec) => ({ codec, ...makings[codec].way }));
    },
    get frames() {
      return frames;
    },
    close() {
      for (const sound of sentSounds) makings[sound].close();
    },
  };
}
