/** One input of the sweep: what a source sends, and what is to become of each of its tracks. */
import type { ErrorCode } from '../../../src/errors.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import type { Manner } from './manner.js';

/** `either`: shown, or a reason told; a code: this reason. */
export type Fate = 'shown' | 'either' | ErrorCode;

export interface TagInput {
  readonly name: string;
  readonly tags: readonly FlvTag[];
  /** They are sent over and over, a round in so long. */
  readonly roundMs: number;
  /** Pictures a second; 0: one now and then. */
  readonly fps: number;
  /** Null: the source sends no such track. */
  readonly video: Fate | null;
  readonly audio: Fate | null;
  /** The audio is the tone of 440 Hz. */
  readonly isTone: boolean;
  /** After so long the source sends nothing more of this track. */
  readonly ends: { readonly track: 'audio' | 'video'; readonly afterMs: number } | null;
  /** Wished by its viewer, where the picture is large. */
  readonly width: number | null;
  /** How its server speaks and writes. */
  readonly manner: Manner;
  /** What is to be told is told within it. */
  readonly toldMs: number;
  /** Judged by how fast it comes too: a second of it in a second. */
  readonly isTimed: boolean;
}

/** Made when it is wanted: to encode costs more than all else of an input. */
export interface LazyInput {
  readonly name: string;
  readonly make: () => TagInput | Promise<TagInput>;
}

export const roundMs = 2000;
export const fps = 25;
export const frameMs = 1000 / fps;
const usual = { roundMs, fps, isTone: true, ends: null, width: null, manner: {}, toldMs: 3000, isTimed: false };

export const trackOf = (tags: readonly FlvTag[], track: FlvTag['track']): readonly FlvTag[] =>
  tags.filter((tag) => tag.track === track);

/** Shown and heard but for what `more` says. */
export function input(name: string, tags: readonly FlvTag[], more: Partial<TagInput> = {}): TagInput {
  const fateOf = (track: FlvTag['track']): Fate | null => (trackOf(tags, track).length > 0 ? 'shown' : null);
  return { ...usual, name, tags, video: fateOf('video'), audio: fateOf('audio'), ...more };
}

export const lazy = (
  name: string,
  tags: () => readonly FlvTag[] | Promise<readonly FlvTag[]>,
  more: Partial<TagInput> = {},
): LazyInput => ({ name, make: async () => input(name, await tags(), more) });

/** These bodies in turn, so many ms apart, for a round. */
export const repeated = (track: FlvTag['track'], bodies: readonly Uint8Array[], stepMs: number): readonly FlvTag[] =>
  Array.from({ length: bodies.length === 0 ? 0 : Math.floor(roundMs / stepMs) }, (_, n) => ({
    track,
    timestampMs: Math.round(n * stepMs),
    body: bodies[n % bodies.length] ?? new Uint8Array(),
  }));

/** A round of all of them in the order of time; what begins at the same moment in the order given. */
export const mixed = (...tracks: readonly (readonly FlvTag[])[]): readonly FlvTag[] =>
  tracks
    .flat()
    .filter(({ timestampMs }) => timestampMs < roundMs)
    .toSorted((one, other) => one.timestampMs - other.timestampMs);
