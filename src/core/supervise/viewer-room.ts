/**
 * How many more viewers fit, by what those that are there cost. An estimate for people and for whoever spreads viewers over
 * machines: what is refused is decided by src/supervisor/overload.ts. Pure.
 */

import type { NetworkUse } from './network-use.js';

export interface RoomFacts {
  /** Of the machine. */
  readonly cores: number;
  /** Share of them that the process takes, 0 to 1, and may take before viewers are refused. */
  readonly cpuShare: number;
  readonly maxCpuShare: number;
  /** That nobody takes, other programs included. */
  readonly freeCores: number;
  readonly network: NetworkUse;
  readonly usedBytes: number;
  readonly ceilingBytes: number;
  readonly viewers: number;
  readonly maxViewers: number;
  readonly streams: readonly StreamCost[];
}

/** In the last seconds. */
export interface StreamCost {
  readonly viewers: number;
  readonly sourceKbps: number;
  readonly sentKbps: number;
  /** Cores that its threads took. */
  readonly cores: number;
}

export interface ViewerRoom {
  readonly viewers: number;
  /** So many more. */
  readonly more: number;
  /** What is used up first. */
  readonly limit: 'cpu' | 'memory' | 'bandwidth' | 'viewers.max';
}

/** A stream with fewer viewers says more of itself than of them. */
const leastViewers = 10;
/** Until then: 10 µs for a packet of 1,100 bytes (docs/performance.md), in cores for each kbit/s. */
const usualCoresPerKbps = (10e-6 * 1000) / (1100 * 8);
/** Of a viewer while nobody watches and no stream runs. */
const usualKbps = 2500;
/** 400 viewers take 30 MB (docs/operations.md, Memory). */
const bytesPerViewer = 75_000;

export function viewerRoom(facts: RoomFacts): ViewerRoom {
  const { network, usedBytes, ceilingBytes, viewers, maxViewers, streams } = facts;
  const kbpsLeft = network.maxKbps === null ? Number.POSITIVE_INFINITY : network.maxKbps - network.sentKbps;
  const kbps = kbpsPerViewer(streams);
  const limits = [
    { limit: 'cpu', more: coresLeft(facts) / (kbps * coresPerKbps(streams)) },
    { limit: 'memory', more: (ceilingBytes - usedBytes) / bytesPerViewer },
    { limit: 'bandwidth', more: kbpsLeft / kbps },
    { limit: 'viewers.max', more: maxViewers - viewers },
  ] as const;
  const [first] = [...limits].sort((a, b) => a.more - b.more);
  return { viewers, more: Math.max(0, Math.floor(first?.more ?? 0)), limit: first?.limit ?? 'cpu' };
}

/** What others take is left to them. But where they leave nothing, the kernel gives a process its share all the same. */
const leastOfOwn = 0.1;

function coresLeft({ cores, cpuShare, maxCpuShare, freeCores }: RoomFacts): number {
  const ownCores = Math.max(0, maxCpuShare - cpuShare) * cores;
  return Math.min(ownCores, Math.max(freeCores, leastOfOwn * ownCores));
}

function kbpsPerViewer(streams: readonly StreamCost[]): number {
  const watched = streams.filter(isWatched);
  if (watched.length > 0) return sum(watched, ({ sentKbps }) => sentKbps) / sum(watched, ({ viewers }) => viewers);
  const live = streams.filter(({ sourceKbps }) => sourceKbps > 0);
  return live.length > 0 ? sum(live, ({ sourceKbps }) => sourceKbps) / live.length : usualKbps;
}

function coresPerKbps(streams: readonly StreamCost[]): number {
  const busy = streams.filter((one) => isWatched(one) && one.viewers >= leastViewers && one.cores > 0);
  return busy.length === 0
    ? usualCoresPerKbps
    : sum(busy, ({ cores }) => cores) / sum(busy, ({ sentKbps }) => sentKbps);
}

const isWatched = ({ viewers, sentKbps }: StreamCost): boolean => viewers > 0 && sentKbps > 0;

const sum = (streams: readonly StreamCost[], pick: (stream: StreamCost) => number): number =>
  streams.reduce((total, stream) => total + pick(stream), 0);
