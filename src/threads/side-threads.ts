/**
 * Threads that work for an actor: renditions, and shards of its viewers. They are children of the main thread: Node
 * terminates nested workers together with their parent, which aborts the process if one is inside node-av. When the actor
 * ends, its port to them closes, and they end by themselves.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { SideThreadPorts } from '../../actors/contract.js';
import type { SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Guardian } from './guardian.js';
import { startWatchedWorker } from './watched-worker.js';

interface SideBoot {
  readonly beat: SharedArrayBuffer;
  /** The channel to the actor. */
  readonly media: MessagePort;
}

interface SideThread {
  readonly ports: SideThreadPorts;
  /** Resolves when the thread is gone, or abandoned. */
  readonly ended: Promise<void>;
}

interface SideThreads<Boot extends SideBoot> {
  /** Starts a thread. Error: `refusal` beyond `max`. */
  open(boot: (media: MessagePort) => Omit<Boot, 'beat'>, name: string): SideThread;
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
}

export function createSideThreads<Boot extends SideBoot>(options: SideThreadsOptions): SideThreads<Boot> {
  const { entry, kind, max, memoryMb, guardian, log } = options;
  const running = new Set<Promise<void>>();

  return {
    get ended() {
      return [...running];
    },
    open(boot, name) {
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
      const ended = watched.ended.then(({ exitCode, error }) => {
        log(exitCode === 0 ? 'info' : 'error', `${kind}.ended`, { name, exitCode, error });
        running.delete(ended);
        life.port1.close();
      });
      running.add(ended);
      guardian.add(watched, name);
      return { ports: { media: port1, life: life.port2 }, ended };
    },
  };
}
