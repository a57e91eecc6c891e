/** What a stream is to be at this node, and when this node is to claim it: by what is known of it, and nothing else. */
import { times } from './member.js';
import type { Owner } from './stream.js';

/** The claim of another node, which stands as far as is known here. */
export interface Rival {
  readonly epoch: number;
  /** It is draining: whoever has the stream's media may take it over. */
  readonly isHandingOver: boolean;
}

export interface Situation {
  readonly role: Pick<Owner, 'kind' | 'epoch' | 'warmUntilMs'> | { readonly kind: 'edge' } | null;
  readonly rival: Rival | null;
  /** By REST or configuration. */
  readonly isWanted: boolean;
  /** By viewers of this node. */
  readonly isNeeded: boolean;
  /** This node knows its source. */
  readonly isSourceKnown: boolean;
  /** What the registry says is heard here. */
  readonly isInTouch: boolean;
}

/** `stay`: as it is; nothing, where it is not played here. */
export type Course = 'own' | 'follow' | 'stay' | 'end';

export function courseOf({ role, rival, isWanted, isNeeded, isSourceKnown, isInTouch }: Situation): Course {
  if (!isWanted && !isNeeded) return role === null ? 'stay' : 'end';
  if (role?.kind === 'owner') {
    if (rival === null || !isInTouch) return 'stay';
    if (role.warmUntilMs !== null ? rival.isHandingOver : rival.epoch < role.epoch) return 'stay';
    return isNeeded ? 'follow' : 'end';
  }
  if (!isNeeded) return role === null ? 'stay' : 'end';
  // Whoever is cut off stays with the owner that it knows.
  if (rival !== null) return role !== null && !isInTouch ? 'stay' : 'follow';
  return role === null && !isInTouch && isSourceKnown ? 'own' : 'stay';
}

export interface Candidacy {
  /** `plays`: it pulls the stream from its source, with no claim that is good. */
  readonly kind: 'plays' | 'open' | 'handOver';
  /** How many come before this node; null: it cannot take the stream. */
  readonly rank: number | null;
  /** Since when the stream may be claimed. */
  readonly openMs: number;
}

/** Nobody waits for more turns than these: of many nodes many may have died. */
export const mostTurns = 8;

/** When this node is to claim it, or as a successor to get its media first; null: never, as things are. */
export function turnMs({ kind, rank, openMs }: Candidacy): number | null {
  if (kind === 'plays') return openMs;
  if (rank === null) return null;
  return openMs + Math.min(rank, mostTurns) * (kind === 'open' ? times.turnMs : times.handOverMs);
}
