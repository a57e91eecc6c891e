/**
 * What one viewer can take, by what became of the packets that it was sent: the lesser of what delay and what loss allow
 * (draft-ietf-rmcat-gcc-02 4). It begins with the most that is of use: a viewer that just came must not lower the
 * video of all who share it before anything is known of its path.
 *
 * Not done: probes. What is not sent is not known of, so an estimate stays within 1.5 times what arrives.
 */

import { createAcknowledgedRate } from './acknowledged-rate.js';
import { createArrivalGroups, type PacketFeedback } from './arrival-groups.js';
import { createDelayControl, type DelayControl } from './delay-control.js';
import { createLossControl, type LossControl } from './loss-control.js';
import type { RateLimits } from './rate-limits.js';
import { createTrendline, type Trendline, type Usage } from './trendline.js';

export interface BandwidthEstimator {
  /** What one report says, in the order of sending; each packet once. `nowMs`: by the clock of `sentMs`. */
  take(feedback: readonly PacketFeedback[], limits: RateLimits, nowMs: number): void;
  /** Bits a second of SRTP, within the limits; null before the first report. */
  readonly bps: number | null;
}

interface Controls {
  readonly delay: DelayControl;
  readonly loss: LossControl;
}

export function createBandwidthEstimator(): BandwidthEstimator {
  const groups = createArrivalGroups();
  const acknowledged = createAcknowledgedRate();
  let trend: Trendline = createTrendline();
  let usage: Usage = 'normal';
  let controls: Controls | null = null;
  let bps: number | null = null;
  let hasSeenQueue = false;

  const see = (sentMs: number, arrivedMs: number, bytes: number): void => {
    acknowledged.see(arrivedMs, bytes);
    const variation = groups.push(sentMs, arrivedMs);
    if (variation === 'restart') {
      trend = createTrendline();
      usage = 'normal';
    } else if (variation !== null) usage = trend.see(variation);
  };

  return {
    take(feedback, limits, nowMs) {
      controls ??= { delay: createDelayControl(limits.maxBps), loss: createLossControl(limits.maxBps) };
      let newestSentMs = Number.NEGATIVE_INFINITY;
      let lost = 0;
      for (const { sentMs, arrivedMs, bytes } of feedback) {
        if (arrivedMs === null) {
          lost += 1;
          continue;
        }
        newestSentMs = Math.max(newestSentMs, sentMs);
        see(sentMs, arrivedMs, bytes);
      }
      if (feedback.length === 0) return;
      const { delay, loss } = controls;
      const roundTripMs = lost === feedback.length ? 0 : Math.max(0, nowMs - newestSentMs);
      const acknowledgedBps = acknowledged.bps;
      delay.step(usage, acknowledgedBps, roundTripMs, limits, nowMs);
      const report = { reported: feedback.length, lost, currentBps: bps ?? limits.maxBps, acknowledgedBps };
      const isOverflowing = loss.step(report, limits, nowMs);
      // The first burst may have filled the queue, which then never grew: sending less than passes empties it, once.
      if (isOverflowing && !hasSeenQueue) delay.step('over', acknowledgedBps, roundTripMs, limits, nowMs);
      hasSeenQueue ||= isOverflowing || usage === 'over';
      bps = Math.min(delay.bps, loss.bps);
    },
    get bps() {
      return bps;
    },
  };
}
