/**
 * Threads that stand by an actor: renditions, and further fan-out. They are this thread's children, not the actors': Node
 * ends nested workers with their parent wherever they are, which inside node-av aborts the process. An actor that goes
 * leaves them a closed port, and they end by themselves.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { SideThreadPorts } from '../../actors/contract.js';
import type { SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Guardian } from './guardian.js';
import { startWatchedWorker } from './watched-worker.js';

interface SideBoot {
  readonly beat: SharedArrayBuffer;
  /** To the actor. */
  readonly media: MessagePort;
}

interface SideThreads<Boot extends SideBoot> {
  /** Starts a thread. Throws `refusal` beyond `max`. */
  open(boot: (media: MessagePort) => Omit<Boot, 'beat'>, name: string): SideThreadPorts;
  /** Each resolves when its thread is gone, or abandoned. */
  readonly ended: readonly Promise<void>[];
}

interface SideThreadsOptions {
  readonly entry: URL;
  readonly kind: 'rendition' | 'shard';
  readonly max: number;
  readonly refusal: () => SluiceError;
  readonly maxHeapMb?: number;
  readonly guardian: Guardian;
  readonly log: Logger;
}

export function createSideThreads<Boot extends SideBoot>(options: SideThreadsOptions): SideThreads<Boot> {
  const { entry, kind, max, maxHeapMb, guardian, log } = options;
  const alive = new Set<Promise<void>>();

  return {
    get ended() {
      return [...alive];
    },
    open(boot, name) {
      if (alive.size >= max) throw options.refusal();
      const { port1, port2 } = new MessageChannel();
      const life = new MessageChannel();
      const watched = startWatchedWorker<Boot>({
        entry,
        name: kind,
        boot: boot(port2),
        transfer: [port2],
        ...(maxHeapMb === undefined ? {} : { maxHeapMb }),
      });
      const ended = watched.ended.then(({ exitCode, error }) => {
        log(exitCode === 0 ? 'info' : 'error', `${kind}.ended`, { name, exitCode, error });
        alive.delete(ended);
        life.port1.close();
      });
      alive.add(ended);
      guardian.add(watched, name);
      return { media: port1, life: life.port2 };
    },
  };
}
