/**
 * Whether any picture comes of a video that is passed on as it is. What its headers say may be well, and its data nothing that a decoder
 * takes: then who watches sees nothing. So the first frames of each format that somebody watches are decoded once, elsewhere.
 */
import type { PictureFormat } from '../../src/core/access-unit/picture.js';
import type { AccessUnit } from '../../src/core/codec/access-unit.js';
import type { ActorHost } from '../contract.js';

/** Of these a picture must come: a decoder holds back fewer, and a hidden frame is shown by a later one. */
const frames = 10;
/** Where none came, and where formats follow each other quickly, what begins again is tried after so long, in ms of media. */
const againMs = 2000;

export interface DecodeCheck {
  /** No picture came of what was tried last. */
  readonly isBad: boolean;
  /** Somebody watches, or nobody does. */
  setWatched(isWatched: boolean): void;
  /** What came since the newest keyframe. */
  see(format: PictureFormat, units: readonly AccessUnit[], mediaMs: number): void;
  /** Frames that follow are of another session. */
  newSession(): void;
}

interface Group {
  readonly format: PictureFormat;
  readonly units: readonly AccessUnit[];
}

export function createDecodeCheck(decodes: ActorHost['decodes']): DecodeCheck {
  let isWatched = false;
  let isTrying = false;
  let isBad = false;
  let sessions = 0;
  /** Of the last attempt. */
  let tried: { readonly format: PictureFormat; readonly atMs: number } | null = null;
  /** What has come of a group that is short so far. */
  let short: Group | null = null;

  const attempt = async ({ format, units }: Group): Promise<void> => {
    const session = sessions;
    isTrying = true;
    try {
      const isGood = await decodes({ config: format.config, frames: units.map(({ data }) => data) });
      if (session === sessions) isBad = !isGood;
    } catch {
      // Without FFmpeg, or with a pool that is full, nothing is known.
    } finally {
      isTrying = false;
    }
  };

  /** Enough of a group, or all of a short one when the next one has begun; null: neither yet. */
  const ready = (format: PictureFormat, units: readonly AccessUnit[]): Group | null => {
    if (units.length >= frames) return { format, units: units.slice(0, frames) };
    const isNext = short !== null && (short.format !== format || units.length <= short.units.length);
    const whole = isNext ? short : null;
    short = { format, units: [...units] };
    return whole;
  };

  const isKnown = (format: PictureFormat): boolean => tried?.format === format && !isBad;

  return {
    get isBad() {
      return isBad;
    },
    setWatched(next) {
      isWatched = next;
    },
    see(format, units, mediaMs) {
      if (!isWatched || isTrying || isKnown(format)) return;
      const group = ready(format, units);
      if (group === null || group.units.length === 0 || isKnown(group.format)) return;
      if (tried !== null && mediaMs - tried.atMs < againMs) return;
      tried = { format: group.format, atMs: mediaMs };
      void attempt(group);
    },
    newSession() {
      sessions += 1;
      isBad = false;
      tried = null;
      short = null;
    },
  };
}
