/** What works for an actor beside its thread, in threads or in processes: how each stands, and how the last one of a stream ended. */
import type { StreamSpec } from '../../actors/contract.js';
import { withoutHostPaths } from '../core/guard/host-paths.js';
import {
  type Child,
  type ChildEnd,
  type ChildRecord,
  describeChild,
  emptyRecord,
  type Vitals,
} from '../core/supervise/child.js';
import type { EndCause, EndedBy } from '../core/supervise/watchdog.js';
import type { Logger } from '../log-line.js';
import type { GuardedThread, Guardian } from './guardian.js';
import { causeOf } from './watched-worker.js';

const maxRecords = 1000;

/** The stream that it works for. */
export type Owner = Pick<StreamSpec, 'pullId' | 'localName'>;

interface SideChild {
  readonly guarded: GuardedThread;
  /** Resolves when it is gone, or abandoned. */
  readonly ended: Promise<{
    readonly exitCode: number;
    readonly error: string;
    readonly condemnedBy: EndCause | null;
  }>;
  readonly vitals: () => Vitals;
}

export interface SideChildrenOptions {
  readonly kind: 'rendition' | 'shard';
  readonly guardian: Guardian;
  readonly log: Logger;
  readonly onEnded: (cause: EndedBy) => void;
}

export interface SideChildren {
  /** From now on it is watched; resolves when it has ended. */
  add(child: SideChild, owner: Owner): Promise<void>;
  readonly count: number;
  /** Those that work for this stream; where none does any more, how the last one ended. */
  childrenOf(pullId: string): readonly Child[];
  /** Resolves when none of this stream is left, or all are abandoned. */
  goneOf(pullId: string): Promise<void>;
  /** Each resolves when it is gone, or abandoned. */
  readonly ended: readonly Promise<void>[];
}

export function createSideChildren({ kind, guardian, log, onEnded }: SideChildrenOptions): SideChildren {
  const running = new Set<Promise<void>>();
  const living = new Map<string, { readonly owner: Owner; readonly child: SideChild }>();
  /** By stream; the oldest is forgotten. */
  const records = new Map<string, ChildRecord>();

  const note = ({ pullId }: Owner, { cause, error }: Pick<ChildEnd, 'cause' | 'error'>): void => {
    const restarts = (records.get(pullId)?.restarts ?? 0) + 1;
    records.delete(pullId);
    const lastEnd = { cause, error: withoutHostPaths(error), atMs: Date.now() };
    records.set(pullId, { ...emptyRecord, restarts, lastEnd });
    const [oldest] = records.keys();
    if (records.size > maxRecords && oldest !== undefined) records.delete(oldest);
  };

  return {
    get ended() {
      return [...running];
    },
    get count() {
      return running.size;
    },
    childrenOf(pullId) {
      const record = records.get(pullId);
      const ofStream = [...living.values()].filter(({ owner }) => owner.pullId === pullId);
      if (ofStream.length === 0 && record !== undefined) {
        return [describeChild({ kind, id: '', name: '', state: 'ended' }, null, record)];
      }
      return ofStream.map(({ owner, child }) => {
        const { id } = child.guarded;
        const identity = { kind, id, name: owner.localName, state: guardian.stateOf(id) };
        return describeChild(identity, child.vitals(), record);
      });
    },
    async goneOf(pullId) {
      const ofStream = [...living.values()].filter(({ owner }) => owner.pullId === pullId);
      await Promise.all(ofStream.map(({ child }) => child.ended));
    },
    add(child, owner) {
      const name = owner.localName;
      const { id } = child.guarded;
      living.set(id, { owner, child });
      const ended = child.ended.then(({ exitCode, error, condemnedBy }) => {
        const cause = causeOf(exitCode, condemnedBy);
        log(exitCode === 0 ? 'info' : 'error', `${kind}.ended`, { name, cause, exitCode, error });
        onEnded(cause);
        living.delete(id);
        if (cause !== 'stopped') note(owner, { cause, error });
        running.delete(ended);
      });
      running.add(ended);
      guardian.add(child.guarded, name);
      return ended;
    },
  };
}
