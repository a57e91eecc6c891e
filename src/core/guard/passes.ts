/**
 * Who plays by which playback token, and which tokens have been revoked. A token is good for so many viewers at the same time,
 * or for one time; revoking it ends all who play by it.
 */
import type { PlaybackClaims } from './playback-claims.js';

/** One viewer's leave to play. */
export interface Pass {
  /** Called once, at once where it has happened already: the token was revoked. */
  onRevoked(end: () => void): void;
  /** It plays no more; further calls do nothing. */
  release(): void;
}

export interface Revocation {
  readonly id: string;
  /** Seconds since 1970: no token of this name can be good any more. */
  readonly untilS: number;
}

interface InUse {
  readonly claims: PlaybackClaims;
  readonly viewers: number;
}

type Refusal = 'revoked' | 'used' | 'full';

export interface Passes {
  /** `nowS`: seconds since 1970. */
  take(claims: PlaybackClaims, nowS: number): Pass | Refusal;
  /** Why nobody is let in by it now, whoever plays; null: somebody would be. */
  refusal(claims: PlaybackClaims, nowS: number): Exclude<Refusal, 'full'> | null;
  revoke(revocation: Revocation): void;
  /** It is revoked already, for as long. */
  isRevoked(revocation: Revocation): boolean;
  /** Those that may still matter. */
  revoked(nowS: number): readonly Revocation[];
  inUse(): readonly InUse[];
}

/** Beyond it those that end first are forgotten. */
const maxRevoked = 100_000;
const maxUsed = 100_000;

interface Held {
  claims: PlaybackClaims;
  readonly endings: Set<() => void>;
}

export function createPasses(known: readonly Revocation[] = []): Passes {
  const revoked = new Map(known.map(({ id, untilS }) => [id, untilS]));
  /** Tokens for one time that have been used, with their ends. */
  const used = new Map<string, number>();
  const held = new Map<string, Held>();

  const refusal = ({ id, isOnce }: PlaybackClaims, nowS: number): Exclude<Refusal, 'full'> | null => {
    if ((revoked.get(id) ?? 0) > nowS) return 'revoked';
    return isOnce && used.has(id) ? 'used' : null;
  };

  const begin = (claims: PlaybackClaims): Pass => {
    const holder = held.get(claims.id) ?? { claims, endings: new Set() };
    holder.claims = claims;
    held.set(claims.id, holder);
    let isRevoked = false;
    let onRevoked = (): void => {};
    const end = (): void => {
      isRevoked = true;
      onRevoked();
    };
    holder.endings.add(end);
    return {
      onRevoked(then) {
        if (isRevoked) then();
        else onRevoked = then;
      },
      release() {
        holder.endings.delete(end);
        if (holder.endings.size === 0 && held.get(claims.id) === holder) held.delete(claims.id);
      },
    };
  };

  return {
    refusal,
    take(claims, nowS) {
      const why = refusal(claims, nowS);
      if (why !== null) return why;
      const viewers = held.get(claims.id)?.endings.size ?? 0;
      if (claims.maxViewers !== null && viewers >= claims.maxViewers) return 'full';
      if (claims.isOnce) note(used, claims.id, claims.expiresS, nowS, maxUsed);
      return begin(claims);
    },
    revoke({ id, untilS }) {
      note(revoked, id, untilS, Number.NEGATIVE_INFINITY, maxRevoked);
      for (const end of [...(held.get(id)?.endings ?? [])]) end();
    },
    isRevoked: ({ id, untilS }) => (revoked.get(id) ?? Number.NEGATIVE_INFINITY) >= untilS,
    revoked: (nowS) => [...revoked].flatMap(([id, untilS]) => (untilS > nowS ? [{ id, untilS }] : [])),
    inUse: () => [...held.values()].map(({ claims, endings }) => ({ claims, viewers: endings.size })),
  };
}

/** In a list that is full those that are over make room, else that which is over first. */
function note(list: Map<string, number>, id: string, untilS: number, nowS: number, most: number): void {
  list.set(id, Math.max(untilS, list.get(id) ?? 0));
  if (list.size <= most) return;
  for (const [one, endS] of list) if (endS <= nowS) list.delete(one);
  if (list.size <= most) return;
  const [first] = [...list].sort(([, a], [, b]) => a - b);
  if (first !== undefined) list.delete(first[0]);
}
