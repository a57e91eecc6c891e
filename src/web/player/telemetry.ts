/** Tells the server how it plays, and learns from its answers how far its clock is from ours. */
import type { PlaybackStats } from '../playback-stats.js';
import { bearer } from '../token.js';

const reportEveryMs = 5000;

interface TelemetryOptions {
  readonly session: URL;
  readonly token: string | undefined;
  readonly isOn: boolean;
  /** From the wish to play until the first frame was there; null: none was yet. */
  readonly firstFrameMs: () => number | null;
  readonly signal: AbortSignal;
}

interface Telemetry {
  /** Of the server's clock, UTC in ms; null: not known yet. */
  serverNowMs(): number | null;
  /** To be called each second. */
  take(stats: PlaybackStats): void;
}

export function createTelemetry({ session, token, isOn, firstFrameMs, signal }: TelemetryOptions): Telemetry {
  let offsetMs: number | null = null;
  /** The shortest says most of the clock: what a trip took longer, it took on one of its ways. */
  let shortestMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;

  const report = async (stats: PlaybackStats): Promise<void> => {
    const askedMs = performance.now();
    const response = await fetch(`${session.href}/report`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...bearer(token) },
      body: JSON.stringify({ ...stats.report, firstFrameMs: firstFrameMs() }),
      signal,
    });
    const answer: unknown = await response.json();
    if (typeof answer !== 'object' || answer === null || !('nowMs' in answer)) return;
    const tripMs = performance.now() - askedMs;
    if (tripMs > shortestMs) return;
    shortestMs = tripMs;
    offsetMs = Number(answer.nowMs) + tripMs / 2 - Date.now();
  };

  return {
    serverNowMs: () => (offsetMs === null ? null : Date.now() + offsetMs),
    take(stats) {
      const nowMs = performance.now();
      if (!isOn || nowMs - lastMs < reportEveryMs) return;
      lastMs = nowMs;
      // A server that takes no reports is not a Sluice.
      report(stats).catch(() => undefined);
    },
  };
}
