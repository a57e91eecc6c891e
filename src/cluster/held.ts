/** A stream that plays at this node, and as what. */
import type { Claim, NodeRecord } from '../core/cluster/records.js';
import type { OwnedStream } from './contract.js';

export type Role =
  | { readonly kind: 'owner'; readonly stream: OwnedStream; readonly epoch: number }
  | { readonly kind: 'edge'; readonly claim: Claim; readonly parent: NodeRecord };

export interface Held {
  readonly key: string;
  role: Role;
  /** Its pull here knows the addresses of its sources. */
  hasSources: boolean;
  /** Its pull here. Of one that two nodes have pulled, neither knowing of the other, it is not the one that the cluster knows it by. */
  localId: string;
}

/** The epoch under which other nodes may take it from here; null: under none. */
export const epochServed = ({ role }: Held): number | null => {
  if (role.kind === 'owner') return role.epoch;
  return role.claim.epoch > 0 ? role.claim.epoch : null;
};
