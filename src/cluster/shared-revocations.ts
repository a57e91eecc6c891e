/** Revoked playback tokens, known to all nodes: what one revokes the others are told, and what was missed is read. */
import type { Revocation } from '../core/guard/passes.js';
import { SluiceError } from '../errors.js';
import type { Registry } from './registry.js';

export interface SharedRevocations {
  /** It was revoked at this node. */
  revoked(revocation: Revocation): void;
  /** `known`: all that this node has; `take`: what others have revoked, which may be known. */
  join(known: () => readonly Revocation[], take: (revoked: readonly Revocation[]) => void): void;
}

interface SharedOptions {
  readonly registry: Pick<Registry, 'revoke' | 'onRevoked'>;
  /** Seconds since 1970. */
  readonly nowS: () => number;
}

/** `read`: what the registry has now. */
export function createSharedRevocations({ registry, nowS }: SharedOptions): {
  readonly shared: SharedRevocations;
  readonly read: (revoked: readonly Revocation[]) => void;
} {
  let known = (): readonly Revocation[] => [];
  let take = (_: readonly Revocation[]): void => {};

  const put = (revocation: Revocation): void => {
    const forMs = (revocation.untilS - nowS()) * 1000;
    if (forMs <= 0) return;
    registry.revoke(revocation, forMs).catch((error: unknown) => {
      // It is put there when it is read again.
      if (!(error instanceof SluiceError)) throw error;
    });
  };
  registry.onRevoked((revocation) => take([revocation]));
  return {
    shared: {
      revoked: put,
      join(ofNode, taking) {
        known = ofNode;
        take = taking;
      },
    },
    read(revoked) {
      const there = new Set(revoked.map(({ id }) => id));
      take(revoked);
      for (const revocation of known()) if (!there.has(revocation.id)) put(revocation);
    },
  };
}
