/** The tree of what the supervisor has started, as it stands now: GET /api/supervision, and the metrics of it. */
import { type Child, describeChild } from '../core/supervise/child.js';
import type { Supervision } from '../core/supervise/supervision.js';
import type { ProcessLoad } from '../threads/process-load.js';
import type { Threads } from '../threads/threads.js';
import type { Overload } from './overload.js';
import type { Pull } from './pull.js';

interface SupervisionParts {
  readonly pulls: readonly Pull[];
  readonly threads: Pick<Threads, 'childrenOf' | 'spares' | 'ends' | 'memory' | 'stuck'>;
  readonly pool: { readonly child: Child };
  /** Children that others have started. */
  readonly others: readonly Child[];
  /** Viewers that were refused for overload. */
  readonly refused: Overload['refused'];
  readonly load: Pick<ProcessLoad, 'cpuShare' | 'lagMs'>;
}

export function describeSupervision({ pulls, threads, pool, others, refused, load }: SupervisionParts): Supervision {
  return {
    process: {
      memoryBytes: threads.memory.residentBytes(),
      memoryCeilingBytes: threads.memory.ceilingBytes,
      cpuShare: load.cpuShare,
      loopLagMs: load.lagMs,
      threadsStuck: threads.stuck,
    },
    children: [...pulls.map((pull) => streamChild(pull, threads)), ...threads.spares, pool.child, ...others],
    ends: threads.ends(),
    refused: Object.fromEntries(refused),
  };
}

function streamChild({ spec, supervised }: Pull, threads: Pick<Threads, 'childrenOf'>): Child {
  const { state, vitals, record } = supervised;
  const identity = { kind: 'stream', id: spec.pullId, name: spec.localName, state } as const;
  return describeChild(identity, vitals, record, threads.childrenOf(spec.pullId));
}
