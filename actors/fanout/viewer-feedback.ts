/**
 * What one viewer reports about its reception (RFC 3550 6.4, RFC 4585, REMB, transport-wide feedback), and what it may ask
 * for: packets sent again, a keyframe. Both are bounded, so that a storm of requests cannot make a flood of answers.
 */

import { type BandwidthEstimator, createBandwidthEstimator } from '../../src/core/bandwidth/estimator.js';
import {
  createFeedbackAdapter,
  type FeedbackAdapter,
  type LookUpSent,
} from '../../src/core/bandwidth/feedback-adapter.js';
import type { RtcpItem } from '../../src/core/rtcp/compound.js';
import { cannotDecode, noKeyRequests, requestKey } from '../../src/core/rtcp/key-requests.js';
import { roundTripMs } from '../../src/core/rtcp/receiver-report.js';
import type { ViewerStats } from '../stats.js';
import type { TrackKind, TwccOptions } from './subscriber.js';

/** Packets sent again in one interval: twice the media of the interval before, at least this many. */
const minResendPerInterval = 50;
/** In the first one, which begins with the burst of the cached frames. */
const firstResend = 300;
const minKeyRequestMs = 1000;
/**
 * The share of a viewer's bandwidth estimate that retransmissions may use: packets lost to congestion must not keep the path
 * congested.
 */
const resendShare = 0.1;
const packetBits = 1200 * 8;

export interface FeedbackTrack {
  readonly ssrc: number;
  readonly clockRateHz: number;
}

export interface FeedbackActions {
  resend(track: TrackKind, sequences: readonly number[]): number;
  keyframe(): void;
}

/** How transport-wide feedback is read (draft-holmer-rmcat-transport-wide-cc-extensions-01). */
export interface FeedbackTwcc extends Pick<TwccOptions, 'limits'> {
  readonly lookUpSent: LookUpSent;
}

export interface ViewerFeedback {
  /** `ntpMiddle32`: the middle 32 bits of the NTP time now. */
  take(items: readonly RtcpItem[], nowMs: number, ntpMiddle32: number): void;
  /** A new report interval, in which `packetsSent` packets of media went out before. */
  startInterval(packetsSent: number): void;
  readonly reception: Pick<ViewerStats, 'lossFraction' | 'roundTripMs' | 'jitterMs'>;
  readonly keyRequests: number;
  /** Packets that it reported as lost, each time. */
  readonly nacked: number;
  /** It goes on asking for keyframes, and loses no packets. */
  cannotDecode(nowMs: number): boolean;
  /** The bandwidth estimate in bit/s; null while there is none. */
  readonly estimateBps: number | null;
  readonly estimateStats: Pick<ViewerStats, 'estimateKbps' | 'estimateKind'>;
}

export function createViewerFeedback(
  tracks: Readonly<Record<TrackKind, FeedbackTrack | null>>,
  actions: FeedbackActions,
  twcc: FeedbackTwcc | null,
): ViewerFeedback {
  let resendMost = firstResend;
  let resent = 0;
  let nacked = 0;
  let lastKeyMs = Number.NEGATIVE_INFINITY;
  let requests = noKeyRequests;
  let rembBps: number | null = null;
  /** Made with the first transport-wide feedback: most viewers send none. */
  let estimating: { readonly adapter: FeedbackAdapter; readonly estimator: BandwidthEstimator } | null = null;
  let reception: ViewerFeedback['reception'] = { lossFraction: 0, roundTripMs: null, jitterMs: null };

  const trackOf = (ssrc: number): TrackKind | null => {
    if (tracks.video?.ssrc === ssrc) return 'video';
    return tracks.audio?.ssrc === ssrc ? 'audio' : null;
  };

  const estimatedBps = (): number | null => estimating?.estimator.bps ?? null;
  const estimateOf = (): number | null => estimatedBps() ?? rembBps;

  /** Packets of one interval. */
  const takeable = (): number => {
    const bps = estimatedBps();
    return bps === null ? Number.POSITIVE_INFINITY : Math.ceil((resendShare * bps) / packetBits);
  };

  const take = (item: RtcpItem, nowMs: number, ntpMiddle32: number): void => {
    switch (item.kind) {
      case 'receiverReport':
        for (const block of item.blocks) {
          const kind = trackOf(block.ssrc);
          const track = kind === null ? null : tracks[kind];
          // With video, the video's blocks speak for the viewer: it is nearly all of the bytes.
          if (track === null || (kind === 'audio' && tracks.video !== null)) continue;
          reception = {
            lossFraction: block.fractionLost,
            roundTripMs: roundTripMs(block, ntpMiddle32) ?? reception.roundTripMs,
            jitterMs: (block.jitter * 1000) / track.clockRateHz,
          };
        }
        return;
      case 'nack': {
        const kind = trackOf(item.mediaSsrc);
        nacked += item.sequences.length;
        const most = Math.min(resendMost, takeable()) - resent;
        if (kind !== null && most > 0) resent += actions.resend(kind, item.sequences.slice(0, most));
        return;
      }
      case 'pli':
      case 'fir':
        requests = requestKey(requests, nowMs);
        if (nowMs - lastKeyMs < minKeyRequestMs) return;
        lastKeyMs = nowMs;
        actions.keyframe();
        return;
      case 'remb':
        rembBps = item.bitrateBps;
        return;
      case 'twcc':
        if (twcc === null) return;
        estimating ??= { adapter: createFeedbackAdapter(), estimator: createBandwidthEstimator() };
        estimating.estimator.take(estimating.adapter.read(item, twcc.lookUpSent), twcc.limits(), nowMs);
        return;
      case 'bye':
        return;
    }
  };

  return {
    take(items, nowMs, ntpMiddle32) {
      for (const item of items) take(item, nowMs, ntpMiddle32);
    },
    startInterval(packetsSent) {
      resent = 0;
      resendMost = Math.max(minResendPerInterval, 2 * packetsSent);
    },
    get keyRequests() {
      return requests.count;
    },
    get nacked() {
      return nacked;
    },
    cannotDecode: (nowMs) => cannotDecode(requests, nowMs, reception.lossFraction),
    get reception() {
      return reception;
    },
    get estimateBps() {
      return estimateOf();
    },
    get estimateStats(): Pick<ViewerStats, 'estimateKbps' | 'estimateKind'> {
      const estimateBps = estimateOf();
      if (estimateBps === null) return { estimateKbps: null, estimateKind: null };
      const estimateKbps = Math.round(estimateBps / 1000);
      return { estimateKbps, estimateKind: estimatedBps() === null ? 'remb' : 'transport-cc' };
    },
  };
}
