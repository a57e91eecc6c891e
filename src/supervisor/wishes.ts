/**
 * Which wishes of viewers are met: each needs a rendition, an encoder of its own unless another viewer has the same. A
 * client has a share of them, and a quarter is kept for what is needed to see anything at all (B-frames, VP8). A wish that
 * finds no place is not met: its viewer gets what there is.
 */
import type { Settings } from '../config/schema.js';
import type { VideoSize, VideoWish } from '../core/codec/video-encoding.js';
import { onGrid } from '../core/codec/wish-grid.js';
import { clientKey } from '../core/guard/ip-address.js';

interface Wisher {
  readonly viewerId: string;
  readonly pullId: string;
  readonly clientIp: string;
}

export interface Wishes {
  /** What of it is met, null for nothing. `source`: null while its size is not known. */
  place(wisher: Wisher, wish: VideoWish, source: VideoSize | null): VideoWish | null;
  /** The viewer is gone. */
  forget(viewerId: string): void;
}

interface Place {
  readonly key: string;
  readonly client: string;
}

const wishedShare = 0.75;

type Limits = Pick<Settings['media'], 'maxRenditions' | 'renditionsPerClient'>;

export function createWishes({ maxRenditions, renditionsPerClient }: Limits): Wishes {
  const places = new Map<string, Place>();
  const max = Math.ceil(maxRenditions * wishedShare);

  const hasRoom = ({ key, client }: Place): boolean => {
    const taken = [...places.values()];
    if (taken.some((place) => place.key === key)) return true;
    const keysOf = (some: readonly Place[]): number => new Set(some.map((place) => place.key)).size;
    return keysOf(taken) < max && keysOf(taken.filter((place) => place.client === client)) < renditionsPerClient;
  };

  return {
    place({ viewerId, pullId, clientIp }, wish, source) {
      const met = onGrid(wish, source);
      if (met === null) return null;
      const key = JSON.stringify([pullId, met.width, met.height, met.bitrateKbps, met.quality]);
      const place = { key, client: clientKey(clientIp) };
      if (!hasRoom(place)) return null;
      places.set(viewerId, place);
      return met;
    },
    forget: (viewerId) => void places.delete(viewerId),
  };
}
