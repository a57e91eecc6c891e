/**
 * Threads that work for an actor: renditions, and shards of its viewers. They are children of the main thread: Node
 * terminates nested workers together with their parent, which aborts the process if one is inside node-av. When the actor
 * ends, its port to them closes, and they end by themselves.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { SideThreadPorts, StreamSpec } from '../../actors/contract.js';
import { withoutHostPaths } from '../core/guard/host-paths.js';
import { type Child, type ChildEnd, type ChildRecord, describeChild, emptyRecord } from '../core/supervise/child.js';
import type { EndedBy } from '../core/supervise/watchdog.js';
import type { SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Guardian } from './guardian.js';
import { causeOf, startWatchedWorker, type WatchedWorker } from './watched-worker.js';

const maxRecords = 1000;

interface SideBoot {
  readonly beat: SharedArrayBuffer;
  /** The channel to the actor. */
  readonly media: MessagePort;
}

/** The stream that it works for. */
type Owner = Pick<StreamSpec, 'pullId' | 'localName'>;

interface SideThreads<Boot extends SideBoot> {
  /** Starts a thread. Error: `refusal` beyond `max`. */
  open(boot: (media: MessagePort) => Omit<Boot, 'beat'>, owner: Owner): SideThreadPorts;
  /** Those that work for this stream; where none does any more, how the last one ended. */
  childrenOf(pullId: string): readonly Child[];
  /** Resolves when none of this stream is left, or all are abandoned. */
  goneOf(pullId: string): Promise<void>;
  /** Each resolves when its thread is gone, or abandoned. */
  readonly ended: readonly Promise<void>[];
}

interface SideThreadsOptions {
  readonly entry: URL;
  readonly kind: 'rendition' | 'shard';
  readonly max: number;
  readonly refusal: () => SluiceError;
  readonly memoryMb: number;
  readonly guardian: Guardian;
  readonly log: Logger;
  readonly onEnded: (cause: EndedBy) => void;
}

export function createSideThreads<Boot extends SideBoot>(options: SideThreadsOptions): SideThreads<Boot> {
  const { entry, kind, max, memoryMb, guardian, log, onEnded } = options;
  const running = new Set<Promise<void>>();
  const living = new Map<string, { readonly owner: Owner; readonly thread: WatchedWorker }>();
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
    childrenOf(pullId) {
      const record = records.get(pullId);
      const ofStream = [...living.values()].filter(({ owner }) => owner.pullId === pullId);
      if (ofStream.length === 0 && record !== undefined) {
        return [describeChild({ kind, id: '', name: '', state: 'ended' }, null, record)];
      }
      return ofStream.map(({ owner, thread }) => {
        const identity = { kind, id: thread.id, name: owner.localName, state: guardian.stateOf(thread.id) };
        return describeChild(identity, thread.vitals, record);
      });
    },
    async goneOf(pullId) {
      const ofStream = [...living.values()].filter(({ owner }) => owner.pullId === pullId);
      await Promise.all(ofStream.map(({ thread }) => thread.ended));
    },
    open(boot, owner) {
      const name = owner.localName;
      if (running.size >= max) throw options.refusal();
      const { port1, port2 } = new MessageChannel();
      const life = new MessageChannel();
      const watched = startWatchedWorker<Boot>({
        entry,
        name: kind,
        boot: boot(port2),
        transfer: [port2],
        memoryMb,
      });
      living.set(watched.id, { owner, thread: watched });
      const ended = watched.ended.then(({ exitCode, error, condemnedBy }) => {
        const cause = causeOf(exitCode, condemnedBy);
        log(exitCode === 0 ? 'info' : 'error', `${kind}.ended`, { name, cause, exitCode, error });
        onEnded(cause);
        living.delete(watched.id);
        if (cause !== 'stopped') note(owner, { cause, error });
        running.delete(ended);
        life.port1.close();
      });
      running.add(ended);
      guardian.add(watched, name);
      return { media: port1, life: life.port2 };
    },
  };
}
