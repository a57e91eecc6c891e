/**
 * Threads that work for an actor: renditions, and shards of its viewers. They are children of the main thread: Node
 * terminates nested workers together with their parent, which aborts the process if one is inside node-av. When the actor
 * ends, its port to them closes, and they end by themselves; the port of an actor that is abandoned stays open, so they are told.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { SideThreadPorts } from '../../actors/contract.js';
import type { SluiceError } from '../errors.js';
import { createSideChildren, type Owner, type SideChildren, type SideChildrenOptions } from './side-children.js';
import { startWatchedWorker } from './watched-worker.js';

interface SideBoot {
  readonly beat: SharedArrayBuffer;
  /** The channel to the actor. */
  readonly media: MessagePort;
  readonly actorLife: MessagePort;
}

interface SideThreads<Boot extends SideBoot> extends Pick<SideChildren, 'childrenOf' | 'goneOf' | 'ended' | 'count'> {
  /** Starts a thread. `actorEnded` resolves when the actor is gone, or abandoned. Error: `refusal` beyond `max`. */
  open(
    boot: (ports: Pick<SideBoot, 'media' | 'actorLife'>) => Omit<Boot, 'beat'>,
    owner: Owner,
    actorEnded: Promise<unknown>,
  ): SideThreadPorts;
}

interface SideThreadsOptions extends SideChildrenOptions {
  readonly entry: URL;
  readonly max: number;
  readonly refusal: () => SluiceError;
  readonly memoryMb: number;
}

export function createSideThreads<Boot extends SideBoot>(options: SideThreadsOptions): SideThreads<Boot> {
  const { entry, kind, max, memoryMb } = options;
  const children = createSideChildren(options);

  return {
    get ended() {
      return children.ended;
    },
    get count() {
      return children.count;
    },
    childrenOf: children.childrenOf,
    goneOf: children.goneOf,
    open(boot, owner, actorEnded) {
      if (children.count >= max) throw options.refusal();
      const { port1, port2 } = new MessageChannel();
      const life = new MessageChannel();
      const ofActor = new MessageChannel();
      const watched = startWatchedWorker<Boot>({
        entry,
        name: kind,
        boot: boot({ media: port2, actorLife: ofActor.port2 }),
        transfer: [port2, ofActor.port2],
        memoryMb,
      });
      const child = { guarded: watched, ended: watched.ended, vitals: () => watched.vitals };
      void children.add(child, owner).then(() => life.port1.close());
      void actorEnded.then(() => ofActor.port1.close());
      return { media: port1, life: life.port2 };
    },
  };
}
