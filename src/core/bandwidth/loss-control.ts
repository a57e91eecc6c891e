/**
 * The rate that loss allows (draft-ietf-rmcat-gcc-02 6): over 10 % lost it goes down by half of the share, under 2 % up by
 * 5 %, between it stays: some loss is the path's own and no sign of a queue. Unlike there it goes no lower than to 0.85 of
 * what arrives, as delay does: a queue that overflows loses much more than what is too much.
 */
import { backOff, type RateLimits, within } from './rate-limits.js';

/** Judged so often, where so many packets are reported. */
const intervalMs = 500;
const fewestPackets = 20;
const few = 0.02;
const many = 0.1;
const growth = 1.05;
const slackBps = 1000;

export interface LossControl {
  readonly bps: number;
  /** True when too much was lost. */
  step(report: LossReport, limits: RateLimits, nowMs: number): boolean;
}

export interface LossReport {
  /** Packets that it reports, and how many of them did not come. */
  readonly reported: number;
  readonly lost: number;
  /** What is sent at most now, by all that limits it. */
  readonly currentBps: number;
  /** Null while unknown. */
  readonly acknowledgedBps: number | null;
}

export function createLossControl(firstBps: number): LossControl {
  let bps = firstBps;
  let sinceMs: number | null = null;
  let counts = { reported: 0, lost: 0 };
  return {
    get bps() {
      return bps;
    },
    step({ reported, lost, currentBps, acknowledgedBps }, limits, nowMs) {
      sinceMs ??= nowMs;
      counts = { reported: counts.reported + reported, lost: counts.lost + lost };
      if (nowMs - sinceMs < intervalMs || counts.reported < fewestPackets) return false;
      const share = counts.lost / counts.reported;
      sinceMs = nowMs;
      counts = { reported: 0, lost: 0 };
      const least = Math.min(currentBps, backOff * (acknowledgedBps ?? 0));
      if (share > many) bps = Math.max(least, currentBps * (1 - share / 2));
      else if (share < few) bps = growth * (bps + slackBps);
      bps = within(limits, bps);
      return share > many;
    },
  };
}
