/** One rendition of the video, from the source's access units to packets in a history of its own. */
import type { RateLimits } from '../../src/core/bandwidth/rate-limits.js';
import type { AccessUnit } from '../../src/core/codec/access-unit.js';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import type { VideoEncoding, VideoWish } from '../../src/core/codec/video-encoding.js';
import { twccBytes } from '../../src/core/rtp/header.js';
import { packAccessUnit } from '../../src/core/rtp/pack-h264.js';
import { packVp8Frame } from '../../src/core/rtp/pack-vp8.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import type { TranscodedFrame } from '../media/video-transcoder.js';
import type { ActorSettings } from '../settings.js';
import type { RenditionStats } from '../stats.js';
import type { FrameRate } from './frame-rate.js';
import { createRendition, type Rendition, type RenditionOptions, type RenditionTrouble } from './rendition.js';

export type RenditionSpec = Omit<Extract<VideoEncoding, { kind: 'rendition' }>, 'kind'>;

export interface RenditionFeedOptions extends Pick<RenditionOptions, 'openThread' | 'cached' | 'log'> {
  readonly spec: RenditionSpec;
  readonly settings: ActorSettings['media'];
  /** Null: no frame came yet. */
  readonly config: VideoConfig | null;
  readonly rate: FrameRate;
  readonly history: RtpHistory;
  readonly rtpTime: (mediaMs: number) => number;
  /** Media time up to which viewers may have been shown the source's own encoding. */
  readonly shownAfterMs: () => number;
  /** A whole frame stands in the history. */
  readonly onFrame: (frame: TranscodedFrame) => void;
  readonly onClosed: () => void;
}

export interface RenditionFeed {
  /** The source's frames are of another format from now on. */
  configure(config: VideoConfig): void;
  push(unit: AccessUnit): void;
  /** What is followed of what its viewers say that they can take; null: nobody says. */
  adapt(estimateBps: number | null): void;
  /** Null while frames can come. */
  readonly trouble: RenditionTrouble | null;
  readonly stats: Omit<RenditionStats, 'encoding' | 'viewers'>;
  close(): void;
}

/** Audio, retransmissions and headers need their share of what a viewer can take. */
const frameShare = 0.85;

/** What is sent where every viewer can take it, in kbit/s. `usualKbps`: of an encoding as good as the source. */
const mostKbpsOf = ({ bitrateKbps, quality }: VideoWish, settings: ActorSettings['media'], usualKbps: number) =>
  bitrateKbps ?? Math.round(((settings.encodeBitrateKbps || usualKbps) * (quality ?? 100)) / 100);

/** More than a rendition needs: what it is thought to need goes up and down with the source. */
const estimateHeadroom = 1.5;

/** What a viewer must be able to take that is sent all that there is to it. */
export const neededBps = (spec: VideoWish, settings: ActorSettings['media'], usualKbps: number): number =>
  (mostKbpsOf(spec, settings, usualKbps) * 1000) / frameShare;

/** The estimates of what viewers can take that make a difference to a rendition. */
export function estimateLimits(spec: VideoWish, settings: ActorSettings['media'], usualKbps: number): RateLimits {
  const mostBps = neededBps(spec, settings, usualKbps);
  return { minBps: Math.min(mostBps, settings.encodeMinKbps * 1000), maxBps: estimateHeadroom * mostBps };
}

/** The encoder gets a new bitrate only when the change matters. */
const leastChange = 0.1;

export function createRenditionFeed(options: RenditionFeedOptions): RenditionFeed {
  const { spec, settings, rate, history, log } = options;
  let rendition: Rendition | null = null;
  /** What is sent where every viewer can take it. */
  let mostKbps = 0;
  let bitrateKbps = 0;

  // Packets of a rendition may carry transport-wide numbers, and are no larger then than others.
  const packetBytes = settings.packetBytes - twccBytes;

  /** RFC 7741 4.2: counts all the same when the encoder is another. */
  let pictureId = 0;

  const pack = (frame: TranscodedFrame): void => {
    const { isKeyframe } = frame;
    const place = { isKeyframe, rtpTs: options.rtpTime(frame.pts90k / 90), packetBytes };
    if (frame.codec === 'VP8') {
      packVp8Frame(history, { ...place, data: frame.data, pictureId });
      pictureId = (pictureId + 1) & 0x7fff;
      // The encoder writes SPS and PPS before each keyframe.
    } else packAccessUnit(history, { ...place, nals: frame.nals, setup: [], isSingleNal: spec.isSingleNal });
    options.onFrame(frame);
  };

  const open = (config: VideoConfig): void => {
    mostKbps = mostKbpsOf(spec, settings, rate.bitrateKbps);
    bitrateKbps = mostKbps;
    const { codec, width, height, isSingleNal, isLowerStep = false } = spec;
    const maxNalBytes = isSingleNal ? packetBytes : null;
    const { encodePreset: preset, encodeThreads: threads, maxPixels } = settings;
    rendition = createRendition({
      wish: {
        codec,
        width,
        height,
        bitrateKbps,
        preset,
        threads,
        maxNalBytes,
        maxPixels,
        fps: rate.fps,
        isSpare: isLowerStep,
      },
      config,
      log,
      openThread: options.openThread,
      cached: options.cached,
      shownAfter90k: options.shownAfterMs() * 90,
      onFrame: pack,
    });
  };
  if (options.config !== null) open(options.config);

  return {
    configure(config) {
      history.forgetGop();
      rendition?.close();
      open(config);
    },
    push: (unit) => rendition?.push(unit),
    adapt(estimateBps) {
      if (rendition === null) return;
      const allowed = estimateBps === null ? mostKbps : (estimateBps / 1000) * frameShare;
      // Who wished for less than the least gets what it wished for.
      const leastKbps = Math.min(mostKbps, settings.encodeMinKbps);
      const next = Math.round(Math.max(leastKbps, Math.min(mostKbps, allowed)));
      const isAsBefore = Math.abs(next - bitrateKbps) < leastChange * bitrateKbps;
      // The last step up may be a small one.
      if (next === bitrateKbps || (isAsBefore && next < mostKbps)) return;
      bitrateKbps = next;
      rendition.setBitrate(next);
    },
    get trouble() {
      return rendition?.trouble ?? null;
    },
    get stats() {
      return {
        bitrateKbps,
        encodeMeanMs: rendition?.meanMs ?? null,
        skipped: rendition?.skipped ?? 0,
        behind: rendition?.behind ?? 0,
        decodeErrors: rendition?.decodeErrors ?? 0,
        failure: rendition?.failure ?? null,
      };
    },
    close() {
      rendition?.close();
      options.onClosed();
    },
  };
}
