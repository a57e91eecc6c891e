/** The tree of what the supervisor has started, as it stands now: GET /api/supervision, and the metrics of it. */
import { availableParallelism } from 'node:os';
import type { Settings } from '../config/schema.js';
import type { NodeRoom } from '../core/cluster/records.js';
import { type Child, describeChild } from '../core/supervise/child.js';
import { busierKbps } from '../core/supervise/network-use.js';
import { type StreamCost, type ViewerRoom, viewerRoom } from '../core/supervise/viewer-room.js';
import type { ProcessLoad } from '../threads/process-load.js';
import { countSinglePort } from '../threads/single-port.js';
import { readCpuMs } from '../threads/thread-time.js';
import type { Threads } from '../threads/threads.js';
import type { Overload } from './overload.js';
import type { Pull } from './pull.js';
import { isLive, type PullTable } from './pull-table.js';
import type { Recorded } from './recorded.js';
import type { LocalStreams } from './streams.js';
import type { ViewerIndex } from './viewer-index.js';

interface SupervisionParts {
  readonly settings: Pick<Settings, 'viewers' | 'pulls' | 'webrtc'>;
  readonly table: Pick<PullTable, 'pulls'>;
  readonly viewers: Pick<ViewerIndex, 'size'>;
  readonly threads: Pick<Threads, 'childrenOf' | 'spares' | 'ends' | 'memory' | 'stuck'>;
  readonly pool: { readonly child: Child };
  readonly recorded: Pick<Recorded, 'child'>;
  readonly overload: Pick<Overload, 'refused'>;
  readonly load: Pick<ProcessLoad, 'cpuShare' | 'freeCores' | 'network' | 'lagMs'>;
  readonly observation: { latest(): readonly StreamCost[] };
}

type Supervised = Pick<LocalStreams, 'supervision' | 'register' | 'room' | 'singlePort'>;

export function createSupervision(parts: SupervisionParts): Supervised {
  const { settings, table, threads, pool, recorded, overload, load } = parts;
  /** Children that others have started. */
  const others: (() => Child)[] = [];
  return {
    register: (child) => void others.push(child),
    room: () => nodeRoom(parts),
    singlePort: () => (settings.webrtc.singlePort > 0 ? countSinglePort() : null),
    supervision: () => ({
      process: {
        memoryBytes: threads.memory.residentBytes(),
        memoryCeilingBytes: threads.memory.ceilingBytes,
        cpuShare: load.cpuShare,
        network: load.network,
        loopLagMs: load.lagMs,
        cpuMs: readCpuMs(process.pid),
        room: roomOf(parts),
        threadsStuck: threads.stuck,
      },
      children: [
        ...table.pulls.map((pull) => streamChild(pull, threads)),
        ...threads.spares,
        pool.child,
        ...[recorded.child()].filter((child) => child !== null),
        ...others.map((child) => child()),
      ],
      ends: threads.ends(),
      refused: Object.fromEntries(overload.refused),
    }),
  };
}

function roomOf({ settings, viewers, threads, load, observation }: SupervisionParts): ViewerRoom {
  const { max, maxCpuPercent } = settings.viewers;
  return viewerRoom({
    cores: availableParallelism(),
    cpuShare: load.cpuShare,
    maxCpuShare: maxCpuPercent === 0 ? 1 : maxCpuPercent / 100,
    freeCores: load.freeCores,
    network: load.network,
    usedBytes: threads.memory.residentBytes(),
    ceilingBytes: threads.memory.ceilingBytes,
    viewers: viewers.size,
    maxViewers: max,
    streams: observation.latest(),
  });
}

/** What is left to a busy node: as on one host, no stream is refused for it; but it goes elsewhere rather. */
const leastCpu = 5;
const leastKbps = 1000;

function nodeRoom(parts: SupervisionParts): NodeRoom {
  const { settings, table, load } = parts;
  const { maxCpuPercent } = settings.viewers;
  const ownCores = ((maxCpuPercent === 0 ? 1 : maxCpuPercent / 100) - load.cpuShare) * availableParallelism();
  const { network } = load;
  return {
    cpu: Math.max(leastCpu, Math.floor(Math.min(ownCores, load.freeCores) * 100)),
    kbps: network.maxKbps === null ? null : Math.max(leastKbps, Math.floor(network.maxKbps - busierKbps(network))),
    streams: Math.max(0, settings.pulls.max - table.pulls.filter(isLive).length),
    viewers: roomOf(parts).more,
  };
}

function streamChild({ spec, supervised }: Pull, threads: Pick<Threads, 'childrenOf'>): Child {
  const { state, vitals, record } = supervised;
  const identity = { kind: 'stream', id: spec.pullId, name: spec.localName, state } as const;
  return describeChild(identity, vitals, record, threads.childrenOf(spec.pullId));
}
