/** Tells viewers that asked for it, every second, the bitrate of the video that they are sent. */
import type { StreamStats } from '../../actors/stats.js';
import type { ViewerIndex } from './viewer-index.js';

interface OutboundRatesOptions {
  readonly viewers: Pick<ViewerIndex, 'rateListeners' | 'videoRate'>;
  /** Rejects when the actor does not answer. */
  readonly statsOf: (pullId: string) => Promise<StreamStats>;
  readonly nowMs: () => number;
}

interface Sample {
  readonly bytes: number;
  readonly atMs: number;
}

const everyMs = 1000;

export function createOutboundRates({ viewers, statsOf, nowMs }: OutboundRatesOptions): { close(): void } {
  /** Of the round before. */
  let samples = new Map<string, Sample>();
  let isBusy = false;

  const measure = async (pullId: string, wanted: ReadonlySet<string>, into: Map<string, Sample>): Promise<void> => {
    const stats = await statsOf(pullId);
    const atMs = nowMs();
    for (const { viewerId, videoBytesSent: bytes } of stats.viewers) {
      if (!wanted.has(viewerId)) continue;
      const last = samples.get(viewerId);
      into.set(viewerId, { bytes, atMs });
      // The counters of a viewer begin again where its thread does.
      if (last === undefined || bytes < last.bytes || atMs <= last.atMs) continue;
      viewers.videoRate(viewerId, Math.round(((bytes - last.bytes) * 8000) / (atMs - last.atMs)));
    }
  };

  const measureAll = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    const next = new Map<string, Sample>();
    // A stream that does not answer has no rates this time.
    await Promise.allSettled([...viewers.rateListeners()].map(([pullId, wanted]) => measure(pullId, wanted, next)));
    samples = next;
    isBusy = false;
  };

  const timer = setInterval(() => void measureAll(), everyMs);
  return { close: () => clearInterval(timer) };
}
