/** One rendition of the picture, from the source's access units to packets in a log of its own. */
import { packAccessUnit } from '../../src/core/rtp/pack-h264.js';
import { packVp8Frame } from '../../src/core/rtp/pack-vp8.js';
import type { PacketLog } from '../../src/core/rtp/packet-log.js';
import type { VideoWish } from '../../src/core/signal/video-variant.js';
import type { ActorSettings } from '../contract.js';
import type { VideoConfig } from '../media/video-decoder.js';
import type { TranscodedPicture } from '../media/video-transcoder.js';
import type { RenditionStats } from '../stats.js';
import type { SourcePicture } from './coded-gop.js';
import type { FrameRate } from './frame-rate.js';
import { createRendition, type Rendition, type RenditionOptions } from './rendition.js';

export type RenditionSpec = VideoWish & { readonly codec: 'H264' | 'VP8' };

export interface RenditionFeedOptions extends Pick<RenditionOptions, 'openThread' | 'cached' | 'report'> {
  readonly spec: RenditionSpec;
  readonly settings: ActorSettings['media'];
  /** Null: no picture came yet. */
  readonly config: VideoConfig | null;
  readonly rate: FrameRate;
  readonly log: PacketLog;
  readonly rtpTime: (mediaMs: number) => number;
  /** A whole picture stands in the log. */
  readonly onPicture: () => void;
  readonly onClosed: () => void;
}

export interface RenditionFeed {
  /** The source's pictures are of another form from now on. */
  configure(config: VideoConfig): void;
  push(picture: SourcePicture): void;
  /** What the viewer that can take least says that it can take; null: nobody says. */
  adapt(estimateBps: number | null): void;
  readonly stats: Omit<RenditionStats, 'variant' | 'viewers'>;
  close(): void;
}

/** Sound, retransmissions and headers need their share of what a viewer can take. */
const pictureShare = 0.85;
/** The encoder is told anew only of a change that matters. */
const leastChange = 0.1;

export function createRenditionFeed(options: RenditionFeedOptions): RenditionFeed {
  const { spec, settings, rate, log, report } = options;
  let rendition: Rendition | null = null;
  /** What is sent where every viewer can take it. */
  let mostKbps = 0;
  let bitrateKbps = 0;

  /** RFC 7741 4.2: counts all the same when the encoder is another. */
  let pictureId = 0;

  const pack = (picture: TranscodedPicture): void => {
    const { keyFrame } = picture;
    const place = { keyFrame, rtpTs: options.rtpTime(picture.pts90k / 90), packetBytes: settings.packetBytes };
    if (picture.codec === 'VP8') {
      packVp8Frame(log, { ...place, data: picture.data, pictureId });
      pictureId = (pictureId + 1) & 0x7fff;
      // The encoder writes SPS and PPS before each key picture.
    } else packAccessUnit(log, { ...place, nals: picture.nals, parameterSets: { sps: [], pps: [] } });
    options.onPicture();
  };

  const open = (config: VideoConfig): void => {
    const usualKbps = settings.encodeBitrateKbps || rate.bitrateKbps;
    mostKbps = spec.bitrateKbps ?? Math.round((usualKbps * (spec.quality ?? 100)) / 100);
    bitrateKbps = mostKbps;
    const { codec, width, height } = spec;
    const { encodePreset: preset, encodeThreads: threads } = settings;
    rendition = createRendition({
      wish: { ...{ codec, width, height, bitrateKbps, preset, threads }, fps: rate.fps },
      ...{ config, report, openThread: options.openThread, cached: options.cached },
      onPicture: pack,
    });
  };
  if (options.config !== null) open(options.config);

  return {
    configure(config) {
      log.forgetGop();
      rendition?.close();
      open(config);
    },
    push: (picture) => rendition?.push(picture),
    adapt(estimateBps) {
      if (rendition === null) return;
      const allowed = estimateBps === null ? mostKbps : (estimateBps / 1000) * pictureShare;
      const next = Math.round(Math.max(settings.encodeMinKbps, Math.min(mostKbps, allowed)));
      if (Math.abs(next - bitrateKbps) < leastChange * bitrateKbps) return;
      bitrateKbps = next;
      rendition.setBitrate(next);
    },
    get stats() {
      return {
        ...{ bitrateKbps, encodeMeanMs: rendition?.meanMs ?? null, skipped: rendition?.skipped ?? 0 },
        ...{ decodeErrors: rendition?.decodeErrors ?? 0, failure: rendition?.failure ?? null },
      };
    },
    close() {
      rendition?.close();
      options.onClosed();
    },
  };
}
