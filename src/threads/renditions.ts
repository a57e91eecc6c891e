/** Renditions as the configuration wants them: in threads, or in processes of their own. */
import type { SideProcessPlace, SideThreadPorts } from '../../actors/contract.js';
import type { RenditionWish } from '../../actors/media/rendition-output.js';
import type { RenditionBoot } from '../../actors/rendition/contract.js';
import type { Settings } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import { createRenditionProcesses } from './rendition-processes.js';
import type { Owner, SideChildren, SideChildrenOptions } from './side-children.js';
import { createSideThreads } from './side-threads.js';

interface RenditionsOptions extends Omit<SideChildrenOptions, 'kind'> {
  readonly settings: Pick<Settings, 'media' | 'supervisor'>;
  /** The stream actor's bundle; those of renditions lie beside it. */
  readonly actorUrl: URL;
}

const spareShare = 0.75;

interface Renditions extends Pick<SideChildren, 'childrenOf' | 'ended'> {
  /** `actorEnded` resolves when the actor is gone, or abandoned. Errors: pull.limit (media.maxRenditions), actor.dead. */
  open(wish: RenditionWish, owner: Owner, actorEnded: Promise<unknown>): Promise<SideThreadPorts | SideProcessPlace>;
}

export function createRenditions({ settings, actorUrl, guardian, log, onEnded }: RenditionsOptions): Renditions {
  const { maxRenditions: max, renditionIsolation } = settings.media;
  const refusal = (): SluiceError => new SluiceError('pull.limit', `media.maxRenditions is ${max}`);
  const { threadMemoryMb: memoryMb } = settings.supervisor;
  // A quarter is kept for what is needed to see anything (supervisor/wishes.ts).
  const maxSpare = Math.ceil(max * spareShare);
  const shared = { kind: 'rendition', refusal, memoryMb, guardian, log, onEnded } as const;
  const maxFor = ({ isSpare }: RenditionWish): number => (isSpare ? maxSpare : max);
  if (renditionIsolation === 'process') {
    return createRenditionProcesses({ ...shared, maxFor, entry: new URL('rendition-process.cjs', actorUrl) });
  }
  const threads = createSideThreads<RenditionBoot>({ ...shared, max, entry: new URL('rendition.cjs', actorUrl) });
  return {
    async open(wish, owner, actorEnded) {
      if (threads.count >= maxFor(wish)) throw refusal();
      return threads.open((ports) => ({ wish, ...ports }), owner, actorEnded);
    },
    childrenOf: threads.childrenOf,
    get ended() {
      return threads.ended;
    },
  };
}
