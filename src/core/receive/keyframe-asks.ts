/**
 * When a source is asked for a keyframe (PLI, RFC 4585 6.3.1): soon when one is needed, then less and less often, because it may
 * have to wait for its own encoder; and now and then where it sends none by itself, for who joins later begins with one.
 */
const needMs = { first: 300, most: 8000 } as const;
/** Longer groups of pictures are rare, and a Sluice sends all of one again. */
const unaskedMs = 20_000;

export interface KeyframeAsks {
  /** True where it is to be asked for now, which counts as done. */
  isDue(isNeeded: boolean, nowMs: number): boolean;
  came(nowMs: number): void;
}

export function createKeyframeAsks(): KeyframeAsks {
  /** When one is next needed, and the wait after that. */
  let needed: { readonly atMs: number; readonly waitMs: number } | null = null;
  let lastMs: number | null = null;

  return {
    isDue(isNeeded, nowMs) {
      lastMs ??= nowMs;
      if (!isNeeded) {
        needed = null;
        if (nowMs - lastMs < unaskedMs) return false;
        lastMs = nowMs;
        return true;
      }
      needed ??= { atMs: nowMs + needMs.first, waitMs: needMs.first };
      if (nowMs < needed.atMs) return false;
      const waitMs = Math.min(needMs.most, needed.waitMs * 2);
      needed = { atMs: nowMs + waitMs, waitMs };
      return true;
    },
    came(nowMs) {
      lastMs = nowMs;
    },
  };
}
