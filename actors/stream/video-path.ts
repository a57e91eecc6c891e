import { type H264Config, parseH264Config } from '../../src/core/codec/h264-config.js';
import { splitNals } from '../../src/core/codec/h264-nal.js';
import { parseSps } from '../../src/core/codec/h264-sps.js';
import { parseVideoTag } from '../../src/core/flv/video-tag.js';
import { packAccessUnit } from '../../src/core/rtp/pack-h264.js';
import type { PacketLog } from '../../src/core/rtp/packet-log.js';
import type { MediaInfo } from '../contract.js';

export interface VideoPathOptions {
  readonly log: PacketLog;
  readonly packetBytes: number;
  /** RTP time (90 kHz, wrapped and with its random offset) of a media time. */
  readonly rtpTime: (mediaMs: number) => number;
  readonly onInfo: (info: MediaInfo['video']) => void;
  /** A whole access unit stands in the log. */
  readonly onPicture: () => void;
  readonly onUnsupported: (codec: string) => void;
}

export interface VideoPath {
  /** One RTMP video message at its decoding time. Throws WireError on bytes that are no FLV video tag. */
  receive(mediaMs: number, body: Uint8Array): void;
  readonly frames: number;
  readonly keyFrames: number;
}

export function createVideoPath(options: VideoPathOptions): VideoPath {
  let config: H264Config | null = null;
  const counts = { frames: 0, keyFrames: 0 };

  const configure = (data: Uint8Array): void => {
    // The socket's memory is reused by nobody, but one configuration must not hold a whole read in memory.
    config = parseH264Config(Uint8Array.from(data));
    const [sps] = config.sps;
    if (sps === undefined) return;
    const { width, height } = parseSps(sps);
    options.onInfo({ codec: 'H264', width, height, profileLevelId: config.profileLevelId });
  };

  return {
    receive(mediaMs, body) {
      const tag = parseVideoTag(body);
      switch (tag.kind) {
        case 'config':
          configure(tag.data);
          return;
        case 'unsupported':
          options.onUnsupported(tag.codec);
          return;
        case 'end':
          return;
        case 'frame': {
          if (config === null) return;
          const nals = splitNals(tag.data, config.nalLengthSize);
          if (nals.length === 0) return;
          packAccessUnit(options.log, {
            nals,
            keyFrame: tag.keyFrame,
            rtpTs: options.rtpTime(mediaMs + tag.compositionTimeMs),
            parameterSets: config,
            packetBytes: options.packetBytes,
          });
          counts.frames += 1;
          if (tag.keyFrame) counts.keyFrames += 1;
          options.onPicture();
        }
      }
    },
    get frames() {
      return counts.frames;
    },
    get keyFrames() {
      return counts.keyFrames;
    },
  };
}
