/** What a stream did in the last ten minutes: a ring of samples, for curves and for what changed in the last minute. */
import type { StreamStats } from '../../actors/stats.js';

/** What curves are drawn of. */
export interface Sample {
  /** UTC. */
  readonly atMs: number;
  readonly sourceKbps: number;
  readonly fps: number;
  /** To all viewers. */
  readonly sentKbps: number;
  readonly viewers: number;
  /** 0 to 1; the mean of the viewers. */
  readonly lossFraction: number;
  /** That its threads took. */
  readonly cores: number;
}

/** Counters of the thread, which begin again with it. */
export interface Counts {
  readonly reconnects: number;
  readonly jumps: number;
  readonly decodeErrors: number;
  readonly skippedFrames: number;
  readonly blockedDatagrams: number;
  readonly sentDatagrams: number;
}

interface Round {
  readonly atMs: number;
  readonly counts: Counts;
  readonly sourceBytes: number;
  readonly sentBytes: number;
  readonly cpuMs: number;
}

/** What one viewer was sent, so far. */
export type ServedViewer = Pick<StreamStats['viewers'][number], 'viewerId' | 'bytesSent'>;

export interface StreamSamples {
  readonly samples: readonly Sample[];
  /** kbit/s by viewer, between the last two rounds. */
  readonly viewerKbps: ReadonlyMap<string, number>;
  /** `others`: who is served by another than its thread. `cpuMs`: of its threads so far. */
  add(stats: StreamStats, others: readonly ServedViewer[], cpuMs: number, atMs: number): void;
  /** What was counted since a minute ago, by what the thread counts now. */
  lastMinute(now: Counts, atMs: number): Counts;
}

const keptMs = 600_000;
const minuteMs = 60_000;

export function countsOf(stats: StreamStats): Counts {
  const sum = (pick: (rendition: StreamStats['renditions'][number]) => number): number =>
    stats.renditions.reduce((total, rendition) => total + pick(rendition), 0);
  return {
    reconnects: stats.reconnects,
    jumps: stats.audioPath.jumps,
    decodeErrors: stats.audioPath.decodeErrors + sum(({ decodeErrors }) => decodeErrors),
    skippedFrames: sum(({ skipped }) => skipped),
    blockedDatagrams: stats.datagrams.blocked,
    sentDatagrams: stats.datagrams.taken,
  };
}

export function createStreamSamples(): StreamSamples {
  const samples: Sample[] = [];
  const rounds: Round[] = [];
  let viewerBytes = new Map<string, number>();
  let viewerKbps = new Map<string, number>();

  return {
    get samples() {
      return samples;
    },
    get viewerKbps() {
      return viewerKbps;
    },
    add(stats, others, cpuMs, atMs) {
      const last = rounds.at(-1);
      const { sourceBytes, sent } = stats;
      const round = { atMs, counts: countsOf(stats), sourceBytes, sentBytes: sent.bytes, cpuMs };
      rounds.push(round);
      const kbps = (bytes: number, before: number | undefined): number =>
        last === undefined || before === undefined || atMs <= last.atMs
          ? 0
          : Math.round((Math.max(0, bytes - before) * 8) / (atMs - last.atMs));
      const { viewers } = stats;
      const served = [...viewers, ...others];
      viewerKbps = new Map(
        served
          .filter(({ viewerId }) => viewerBytes.has(viewerId))
          .map(({ viewerId, bytesSent }) => [viewerId, kbps(bytesSent, viewerBytes.get(viewerId))]),
      );
      const othersKbps = others.reduce((sum, { viewerId }) => sum + (viewerKbps.get(viewerId) ?? 0), 0);
      viewerBytes = new Map(served.map(({ viewerId, bytesSent }) => [viewerId, bytesSent]));
      samples.push({
        atMs,
        sourceKbps: kbps(round.sourceBytes, last?.sourceBytes),
        fps: stats.source.video.fps,
        sentKbps: kbps(round.sentBytes, last?.sentBytes) + othersKbps,
        viewers: served.length,
        lossFraction: viewers.reduce((sum, { lossFraction }) => sum + lossFraction, 0) / Math.max(1, viewers.length),
        cores: last === undefined || atMs <= last.atMs ? 0 : Math.max(0, cpuMs - last.cpuMs) / (atMs - last.atMs),
      });
      while ((samples[0]?.atMs ?? atMs) < atMs - keptMs) samples.shift();
      while ((rounds[0]?.atMs ?? atMs) < atMs - minuteMs) rounds.shift();
    },
    lastMinute(now, atMs) {
      const base = rounds.find((round) => round.atMs >= atMs - minuteMs)?.counts ?? now;
      const since = (name: keyof Counts): number => Math.max(0, now[name] - base[name]);
      return {
        reconnects: since('reconnects'),
        jumps: since('jumps'),
        decodeErrors: since('decodeErrors'),
        skippedFrames: since('skippedFrames'),
        blockedDatagrams: since('blockedDatagrams'),
        sentDatagrams: since('sentDatagrams'),
      };
    },
  };
}
