/** The sound's way from FLV tags to packets of Opus. */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import { createAudioSource } from '../../src/core/flv/audio-source.js';
import { parseAudioTag } from '../../src/core/flv/audio-tag.js';
import { packOpus } from '../../src/core/rtp/pack-opus.js';
import type { PacketLog } from '../../src/core/rtp/packet-log.js';
import type { MediaInfo } from '../contract.js';
import type { AudioWay } from '../stats.js';
import { createSoundMaking, type SoundMakingOptions } from './sound-making.js';

export interface AudioPathOptions extends SoundMakingOptions {
  readonly log: PacketLog;
  /** RTP time (48 kHz, wrapped and with its random offset) of a continuous 48 kHz time. */
  readonly rtpTime: (ts48k: number) => number;
  readonly onInfo: (info: MediaInfo['audio']) => void;
  /** New Opus packets stand in the log. */
  readonly onSound: () => void;
  readonly onUnsupported: (codec: string) => void;
}

export interface AudioPath {
  /** One RTMP audio message at its place on the media time-line. Throws WireError on bytes that are no FLV audio tag. */
  receive(mediaMs: number, body: Uint8Array): void;
  setWanted(wanted: boolean): void;
  /** By how much RTP time is ahead of media time, in samples of 48 kHz: sender reports say so. */
  readonly skew48k: number;
  readonly way: AudioWay;
  readonly frames: number;
  close(): void;
}

export function createAudioPath(options: AudioPathOptions): AudioPath {
  const source = createAudioSource();
  const making = createSoundMaking(options);
  let told: AudioConfig | null = null;
  let frames = 0;

  const heed = (): void => {
    const { config } = source;
    if (config === null || config === told) return;
    told = config;
    const { codec, sampleRateHz, channels } = config;
    options.onInfo({ codec, sampleRateHz, channels });
    making.use(config);
  };

  return {
    receive(mediaMs, body) {
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
          const units = source.unitsOf(tag);
          heed();
          const packets = units.flatMap(({ data, afterMs }) => making.push(mediaMs + afterMs, data));
          for (const packet of packets) packOpus(options.log, packet.data, options.rtpTime(packet.ts48k));
          if (packets.length > 0) options.onSound();
          return;
        }
      }
    },
    setWanted: (wanted) => making.setWanted(wanted),
    get skew48k() {
      return making.skew48k;
    },
    get way() {
      return making.way;
    },
    get frames() {
      return frames;
    },
    close: () => making.close(),
  };
}
