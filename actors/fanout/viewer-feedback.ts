/**
 * What one viewer reports about its reception (RFC 3550 6.4, RFC 4585, REMB), and what it may ask for: packets sent
 * again, a key picture. Both are bounded, so that a storm of requests cannot make a flood of answers.
 */
import type { RtcpItem } from '../../src/core/rtcp/compound.js';
import { roundTripMs } from '../../src/core/rtcp/receiver-report.js';
import type { ViewerStats } from '../stats.js';
import type { TrackKind } from './fanout.js';

/** At most so many RTCP packets of one viewer are opened in one report interval: Chromium sends some 20. */
const maxPacketsPerInterval = 200;
/** Packets sent again in one interval: twice the media of the interval before, at least this many. */
const minResendPerInterval = 50;
/** In the first one, which begins with the burst of the cached pictures. */
const firstResend = 300;
const minKeyRequestMs = 1000;

export interface FeedbackTrack {
  readonly ssrc: number;
  readonly clockRateHz: number;
}

export interface FeedbackActions {
  resend(track: TrackKind, sequences: readonly number[]): number;
  keyPicture(): void;
}

export interface ViewerFeedback {
  /** False: too many already; the packet is not even opened. */
  admits(): boolean;
  /** `ntpMiddle32`: the middle 32 bits of the NTP time now. */
  take(items: readonly RtcpItem[], nowMs: number, ntpMiddle32: number): void;
  /** A new report interval, in which `packetsSent` packets of media went out before. */
  startInterval(packetsSent: number): void;
  readonly reception: Pick<ViewerStats, 'lossFraction' | 'roundTripMs' | 'jitterMs'>;
  /** Receiver's estimate of its bandwidth (REMB); null when it sends none. */
  readonly estimateBps: number | null;
}

export function createViewerFeedback(
  tracks: Readonly<Record<TrackKind, FeedbackTrack | null>>,
  actions: FeedbackActions,
): ViewerFeedback {
  let packets = 0;
  let resendLeft = firstResend;
  let lastKeyMs = Number.NEGATIVE_INFINITY;
  let estimateBps: number | null = null;
  let reception: ViewerFeedback['reception'] = { lossFraction: 0, roundTripMs: null, jitterMs: null };

  const trackOf = (ssrc: number): TrackKind | null => {
    if (tracks.video?.ssrc === ssrc) return 'video';
    return tracks.audio?.ssrc === ssrc ? 'audio' : null;
  };

  const take = (item: RtcpItem, nowMs: number, ntpMiddle32: number): void => {
    switch (item.kind) {
      case 'receiverReport':
        for (const block of item.blocks) {
          const kind = trackOf(block.ssrc);
          const track = kind === null ? null : tracks[kind];
          // The picture speaks for the viewer where there is one: it is nearly all of the bytes.
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
        if (kind === null || resendLeft <= 0) return;
        resendLeft -= actions.resend(kind, item.sequences.slice(0, resendLeft));
        return;
      }
      case 'pli':
      case 'fir':
        if (nowMs - lastKeyMs < minKeyRequestMs) return;
        lastKeyMs = nowMs;
        actions.keyPicture();
        return;
      case 'remb':
        estimateBps = item.bitrateBps;
        return;
      case 'bye':
        return;
    }
  };

  return {
    admits() {
      packets += 1;
      return packets <= maxPacketsPerInterval;
    },
    take(items, nowMs, ntpMiddle32) {
      for (const item of items) take(item, nowMs, ntpMiddle32);
    },
    startInterval(packetsSent) {
      packets = 0;
      resendLeft = Math.max(minResendPerInterval, 2 * packetsSent);
    },
    get reception() {
      return reception;
    },
    get estimateBps() {
      return estimateBps;
    },
  };
}
