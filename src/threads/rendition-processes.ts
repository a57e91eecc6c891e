/**
 * Processes that work for an actor: renditions. The main thread starts, watches and reaps them; what they encode goes between them
 * and the actor, by a unix socket in the abstract name space, which leaves no file behind.
 */
import { randomBytes } from 'node:crypto';
import { MessageChannel } from 'node:worker_threads';
import type { SideProcessPlace } from '../../actors/contract.js';
import type { RenditionWish } from '../../actors/media/rendition-output.js';
import type { RenditionProcessBoot } from '../../actors/rendition/contract.js';
import { SluiceError } from '../errors.js';
import { createSideChildren, type Owner, type SideChildren, type SideChildrenOptions } from './side-children.js';
import { startWatchedProcess } from './watched-process.js';

interface RenditionProcesses extends Pick<SideChildren, 'childrenOf' | 'ended'> {
  /**
   * Resolves when it waits for its actor. `actorEnded` resolves when that is gone, or abandoned. Errors: `refusal` beyond `maxFor`;
   * actor.dead when it ends before.
   */
  open(wish: RenditionWish, owner: Owner, actorEnded: Promise<unknown>): Promise<SideProcessPlace>;
}

interface RenditionProcessesOptions extends SideChildrenOptions {
  readonly entry: URL;
  /** How many there may be, this one among them. */
  readonly maxFor: (wish: RenditionWish) => number;
  readonly refusal: () => SluiceError;
  readonly memoryMb: number;
}

const secretBytes = 16;

export function createRenditionProcesses(options: RenditionProcessesOptions): RenditionProcesses {
  const { entry, maxFor, memoryMb } = options;
  const children = createSideChildren(options);

  return {
    get ended() {
      return children.ended;
    },
    childrenOf: children.childrenOf,
    async open(wish, owner, actorEnded) {
      if (children.count >= maxFor(wish)) throw options.refusal();
      const life = new MessageChannel();
      const started = startWatchedProcess({ entry, memoryMb });
      const ended = children
        .add({ guarded: started, ended: started.gone, vitals: started.ownVitals }, owner)
        .then(() => life.port1.close());
      life.port1.once('close', started.stopping);
      life.port1.unref();
      void actorEnded.then(started.dismiss);
      const path = `\0sluice-rendition-${randomBytes(secretBytes).toString('hex')}`;
      const token = randomBytes(secretBytes);
      const boot: RenditionProcessBoot = { wish, path, token };
      started.send(boot);
      const listens = await Promise.race([started.listening.then(() => true), ended.then(() => false)]);
      if (!listens) throw new SluiceError('actor.dead', "the rendition's process ended at its start");
      return { path, token, life: life.port2 };
    },
  };
}
