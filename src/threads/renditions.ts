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

interface Renditions extends Pick<SideChildren, 'childrenOf' | 'ended'> {
  /** Errors: pull.limit (media.maxRenditions), actor.dead. */
  open(wish: RenditionWish, owner: Owner): Promise<SideThreadPorts | SideProcessPlace>;
}

export function createRenditions({ settings, actorUrl, guardian, log, onEnded }: RenditionsOptions): Renditions {
  const { maxRenditions: max, renditionIsolation } = settings.media;
  const refusal = (): SluiceError => new SluiceError('pull.limit', `media.maxRenditions is ${max}`);
  const { threadMemoryMb: memoryMb } = settings.supervisor;
  const shared = { kind: 'rendition', max, refusal, memoryMb, guardian, log, onEnded } as const;
  if (renditionIsolation === 'process') {
    return createRenditionProcesses({ ...shared, entry: new URL('rendition-process.cjs', actorUrl) });
  }
  const threads = createSideThreads<RenditionBoot>({ ...shared, entry: new URL('rendition.cjs', actorUrl) });
  return {
    open: async (wish, owner) => threads.open((media) => ({ wish, media }), owner),
    childrenOf: threads.childrenOf,
    get ended() {
      return threads.ended;
    },
  };
}
