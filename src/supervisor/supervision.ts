/** The tree of what the supervisor has started, as it stands now: GET /api/supervision, and the metrics of it. */
import { type Child, describeChild } from '../core/supervise/child.js';
import type { ProcessLoad } from '../threads/process-load.js';
import type { Threads } from '../threads/threads.js';
import type { Overload } from './overload.js';
import type { Pull } from './pull.js';
import type { Recorded } from './recorded.js';
import type { Registry } from './registry.js';
import type { Streams } from './streams.js';

interface SupervisionParts {
  readonly registry: Pick<Registry, 'pulls'>;
  readonly threads: Pick<Threads, 'childrenOf' | 'spares' | 'ends' | 'memory' | 'stuck'>;
  readonly pool: { readonly child: Child };
  readonly recorded: Pick<Recorded, 'child'>;
  readonly overload: Pick<Overload, 'refused'>;
  readonly load: Pick<ProcessLoad, 'cpuShare' | 'lagMs'>;
}

export function createSupervision(parts: SupervisionParts): Pick<Streams, 'supervision' | 'register'> {
  const { registry, threads, pool, recorded, overload, load } = parts;
  /** Children that others have started. */
  const others: (() => Child)[] = [];
  return {
    register: (child) => void others.push(child),
    supervision: () => ({
      process: {
        memoryBytes: threads.memory.residentBytes(),
        memoryCeilingBytes: threads.memory.ceilingBytes,
        cpuShare: load.cpuShare,
        loopLagMs: load.lagMs,
        threadsStuck: threads.stuck,
      },
      children: [
        ...registry.pulls.map((pull) => streamChild(pull, threads)),
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

function streamChild({ spec, supervised }: Pull, threads: Pick<Threads, 'childrenOf'>): Child {
  const { state, vitals, record } = supervised;
  const identity = { kind: 'stream', id: spec.pullId, name: spec.localName, state } as const;
  return describeChild(identity, vitals, record, threads.childrenOf(spec.pullId));
}
