/** Why a source's pictures can be shown to nobody although they come: what no rendition makes anything of, or may not. */

import type { PictureFormat } from '../../src/core/access-unit/picture.js';
import type { VideoDecision } from '../../src/core/access-unit/video-judge.js';
import { passingReasons } from '../../src/core/diagnosis/reasons.js';
import type { RenditionFeed } from '../rendition/feed.js';
import type { RenditionTrouble } from '../rendition/rendition.js';
import type { ActorSettings } from '../settings.js';

/** What a rendition found out counts for so long after it was closed: then it is tried again. */
const rememberedMs = 30_000;

export interface Trouble extends RenditionTrouble {
  /** Nothing that comes next would change it. */
  readonly isCertain: boolean;
}

export class VideoTrouble {
  readonly #settings: Pick<ActorSettings['media'], 'transcoding' | 'maxPixels'>;
  /** Of a rendition, with the media time at which it was so. */
  #found: (RenditionTrouble & { readonly atMs: number }) | null = null;

  constructor(settings: Pick<ActorSettings['media'], 'transcoding' | 'maxPixels'>) {
    this.#settings = settings;
  }

  /** No rendition of these pictures can be made. */
  get isHopeless(): boolean {
    return this.#found !== null;
  }

  /** Pictures that follow are of another format, or of another session. */
  forget(): void {
    this.#found = null;
  }

  /** How the renditions that are open fare. */
  see(feeds: ReadonlySet<Pick<RenditionFeed, 'trouble'>>, mediaMs: number): void {
    if (feeds.size === 0 && this.#found === null) return;
    const [first = null, ...others] = [...feeds].map(({ trouble }) => trouble);
    const isSound = feeds.size > 0 && (first === null || others.includes(null));
    const isLasting = first !== null && !passingReasons.has(first.code);
    if (!isSound && isLasting) this.#found = { code: first.code, detail: first.detail, atMs: mediaMs };
    else if (isSound || (this.#found !== null && mediaMs - this.#found.atMs > rememberedMs)) this.#found = null;
  }

  /** Of pictures about which this was decided; null: they can be shown. `feeds`: those that are open. */
  of(
    { kind, reason }: VideoDecision,
    { info }: PictureFormat,
    feeds: ReadonlySet<Pick<RenditionFeed, 'trouble'>>,
  ): Trouble | null {
    const { transcoding, maxPixels } = this.#settings;
    const found = this.#found;
    if (kind === 'reencode') {
      if (!transcoding) return { code: 'media.transcodingDisabled', detail: reason, isCertain: true };
      if (info.width * info.height > maxPixels) {
        const detail = `${info.width}x${info.height}, of which browsers play none as it is: ${reason}`;
        return { code: 'media.tooLarge', detail, isCertain: true };
      }
      const [passing = null] = found === null ? [...feeds].map(({ trouble }) => trouble) : [];
      if (passing !== null) return { code: passing.code, detail: passing.detail, isCertain: false };
    }
    if (found === null || (kind !== 'reencode' && found.code !== 'source.unreadableVideo')) return null;
    return { code: found.code, detail: found.detail, isCertain: true };
  }
}
