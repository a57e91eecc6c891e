/**
 * The rate that the delay allows: up while the queue does not grow, down to 0.85 of what arrives when it does
 * (draft-ietf-rmcat-gcc-02 5.5). Near the rate at which the path was full before it goes up by about a packet in each
 * response time, far from it by 8 % a second.
 */

import { backOff, type RateLimits, within } from './rate-limits.js';
import type { Usage } from './trendline.js';

const growthPerS = 1.08;
/** More than is sent cannot be said of the path: 1.5 times what arrives, and a little for the beginning. */
const mostOverAcknowledged = 1.5;
const slackBps = 10_000;
/** A sender reacts so much later than the round trip. */
const reactionMs = 100;
const maxStepMs = 1000;
/** Of what was learnt of the path's capacity. */
const learning = 0.05;
const firstDeviation = 0.03;
const near = 3;
const framesPerS = 30;
const packetBits = 1200 * 8;

export interface DelayControl {
  readonly bps: number;
  /** `acknowledgedBps`: null while unknown. */
  step(usage: Usage, acknowledgedBps: number | null, roundTripMs: number, limits: RateLimits, nowMs: number): void;
}

/** What the path carried when it was full: mean, and mean deviation as a share of it. */
interface Capacity {
  readonly bps: number;
  readonly deviation: number;
}

export function createDelayControl(firstBps: number): DelayControl {
  let bps = firstBps;
  let capacity: Capacity | null = null;
  let lastMs: number | null = null;
  let loweredMs = Number.NEGATIVE_INFINITY;
  /** After the queue grew, the rate goes up only when it grows no more and does not empty any more (5.5: Hold). */
  let isHolding = false;

  const learn = (fullBps: number): void => {
    if (capacity === null || Math.abs(fullBps - capacity.bps) > near * capacity.deviation * capacity.bps) {
      capacity = { bps: fullBps, deviation: firstDeviation };
      return;
    }
    const off = Math.abs(fullBps - capacity.bps) / capacity.bps;
    capacity = {
      bps: capacity.bps + learning * (fullBps - capacity.bps),
      deviation: Math.max(firstDeviation, capacity.deviation + learning * (off - capacity.deviation)),
    };
  };

  const lower = (acknowledgedBps: number, responseMs: number, nowMs: number): void => {
    isHolding = true;
    // What was lowered already shows only after a response time.
    if (nowMs - loweredMs < responseMs) return;
    loweredMs = nowMs;
    learn(acknowledgedBps);
    bps = Math.min(bps, backOff * acknowledgedBps);
  };

  const raise = (acknowledgedBps: number, responseMs: number, stepMs: number): void => {
    // More than it carried when it was full: it is another path now.
    if (capacity !== null && acknowledgedBps > capacity.bps * (1 + near * capacity.deviation)) capacity = null;
    const most = Math.max(bps, mostOverAcknowledged * acknowledgedBps + slackBps);
    const raised =
      capacity === null
        ? bps * growthPerS ** (stepMs / 1000)
        : bps + (packetBitsAt(bps) * stepMs) / Math.max(responseMs, reactionMs);
    bps = Math.min(most, raised);
  };

  return {
    get bps() {
      return bps;
    },
    step(usage, acknowledgedBps, roundTripMs, limits, nowMs) {
      const stepMs = lastMs === null ? 0 : Math.min(maxStepMs, nowMs - lastMs);
      lastMs = nowMs;
      const responseMs = reactionMs + roundTripMs;
      if (usage === 'over') lower(acknowledgedBps ?? bps, responseMs, nowMs);
      else if (usage === 'under') isHolding = true;
      else if (isHolding) isHolding = false;
      else if (acknowledgedBps !== null) raise(acknowledgedBps, responseMs, stepMs);
      bps = within(limits, bps);
    },
  };
}

/** 5.5: the mean size of a packet where a frame of this rate is cut into packets of 1,200 bytes. */
function packetBitsAt(bps: number): number {
  const frameBits = bps / framesPerS;
  return frameBits / Math.ceil(frameBits / packetBits);
}
