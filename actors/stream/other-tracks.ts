/** What else a source offers than what is played of it, gathered over one session. */
import { listOtherTracks, type OtherTrack } from '../../src/core/flv/track-list.js';

export interface OtherTracks {
  readonly list: readonly OtherTrack[];
  newSession(): void;
  /** Throws WireError on bytes that are no FLV tag. */
  see(kind: 'audio' | 'video', body: Uint8Array): void;
}

/** A track is named by one byte: so there are never more than 255 of a kind. */
export function createOtherTracks(): OtherTracks {
  let tracks = new Map<string, OtherTrack>();
  return {
    get list() {
      return [...tracks.values()];
    },
    newSession() {
      tracks = new Map();
    },
    see(kind, body) {
      for (const track of listOtherTracks(kind, body)) tracks.set(`${kind} ${track.trackId}`, track);
    },
  };
}
