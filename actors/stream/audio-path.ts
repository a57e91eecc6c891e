import { parseAudioSpecificConfig } from '../../src/core/codec/aac-config.js';
import { parseAudioTag } from '../../src/core/flv/audio-tag.js';
import { packOpus } from '../../src/core/rtp/pack-opus.js';
import type { PacketLog } from '../../src/core/rtp/packet-log.js';
import { SluiceError } from '../../src/errors.js';
import type { LogFields, LogLevel, MediaInfo } from '../contract.js';
import type { NativeGuard } from '../media/native.js';
import { type AudioConfig, createOpusTranscoder, type OpusTranscoder } from '../media/opus-transcoder.js';

export interface AudioPathOptions {
  readonly log: PacketLog;
  readonly bitrateKbps: number;
  readonly guard: NativeGuard;
  readonly report: (level: LogLevel, event: string, fields: LogFields) => void;
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
  /** Transcoding runs only while somebody listens: an idle stream loads no codec and costs no CPU. */
  setWanted(wanted: boolean): void;
  readonly decodeErrors: number;
  readonly frames: number;
  close(): void;
}

export function createAudioPath(options: AudioPathOptions): AudioPath {
  let config: AudioConfig | null = null;
  let wanted = false;
  let closed = false;
  let transcoder: OpusTranscoder | null = null;
  /** Names the opening that is under way: one that was overtaken by a new configuration closes itself. */
  let opening = 0;
  let next48k: number | null = null;
  const counts = { frames: 0, decodeErrors: 0 };

  const shut = (): void => {
    opening += 1;
    if (transcoder === null) return;
    counts.decodeErrors += transcoder.decodeErrors;
    next48k = transcoder.next48k ?? next48k;
    transcoder.close();
    transcoder = null;
  };

  const open = async (): Promise<void> => {
    shut();
    if (config === null || !wanted || closed) return;
    const mine = opening;
    const { bitrateKbps, guard, report } = options;
    try {
      const opened = await createOpusTranscoder({
        config,
        bitrateKbps,
        guard,
        log: report,
        notBefore48k: next48k,
      });
      if (mine === opening) transcoder = opened;
      else opened.close();
    } catch (error) {
      // Without its codec the stream goes on, without sound (MEDIA.md, The design that follows).
      const code = error instanceof SluiceError ? error.code : 'internal';
      report('error', 'audio.unavailable', { code, detail: error instanceof Error ? error.message : String(error) });
    }
  };

  const configure = (audioSpecificConfig: Uint8Array): void => {
    if (config !== null && Buffer.compare(config.audioSpecificConfig, audioSpecificConfig) === 0) return;
    const { sampleRateHz, channels } = parseAudioSpecificConfig(audioSpecificConfig);
    config = { codec: 'AAC', audioSpecificConfig, sampleRateHz, channels };
    options.onInfo({ codec: 'AAC', sampleRateHz, channels });
    void open();
  };

  return {
    receive(mediaMs, body) {
      const tag = parseAudioTag(body);
      switch (tag.kind) {
        case 'config':
          configure(Uint8Array.from(tag.data));
          return;
        case 'unsupported':
          options.onUnsupported(tag.codec);
          return;
        case 'frame': {
          counts.frames += 1;
          if (transcoder === null) return;
          const packets = transcoder.push({ mediaMs, data: tag.data });
          for (const packet of packets) packOpus(options.log, packet.data, options.rtpTime(packet.ts48k));
          if (packets.length > 0) options.onSound();
          return;
        }
      }
    },
    setWanted(next) {
      if (next === wanted) return;
      wanted = next;
      void open();
    },
    get decodeErrors() {
      return counts.decodeErrors + (transcoder?.decodeErrors ?? 0);
    },
    get frames() {
      return counts.frames;
    },
    close() {
      closed = true;
      shut();
    },
  };
}
