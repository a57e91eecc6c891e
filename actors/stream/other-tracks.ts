/** What else a source offers than what is played of it, gathered over one session. */
import type { OtherTrack } from '../../src/core/flv/track-list.js';

export interface OtherTracks {
  readonly list: readonly OtherTrack[];
  newSession(): void;
  add(tracks: readonly OtherTrack[]): void;
}

/** A track has an id of one byte: so there are never more than 255 of a kind. */
export function createOtherTracks(): OtherTracks {
  let known = new Map<string, OtherTrack>();
  return {
    get list() {
      return [...known.values()];
    },
    newSession() {
      known = new Map();
    },
    add(tracks) {
      for (const track of tracks) known.set(`${track.kind} ${track.trackId}`, track);
    },
  };
}
