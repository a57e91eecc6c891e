/** What a node keeps beside what the registry says: the sources that it knows, and what it shows of the streams that it owns. */
import type { MemberEvent } from '../core/cluster/member.js';
import type { Claim, RegistryView } from '../core/cluster/records.js';
import type { ClusterView, OwnedStream } from './contract.js';

export interface NodeKnowledge {
  /** The source of a stream; null: it is not known here. */
  sourceOf(key: string): OwnedStream | null;
  /** As a claim of it tells who it is. */
  identityOf(key: string): Pick<Claim, 'pullId' | 'name'>;
  shownOf(key: string): string;
  show(key: string, shown: string): void;
  /** How much later than at its owner a stream is here; null: not known. */
  delayOf(key: string): number | null;
  delayed(key: string, delayMs: number | null): void;
  /** An address on demand. */
  demanded(stream: OwnedStream): void;
  demandOf(key: string): OwnedStream | null;
  /** Nobody takes it here any more. */
  forgetDemand(key: string): void;
  /** It is not played here any more. */
  ended(key: string): void;
  /** The claim that was last heard of, which may have ended. */
  claimOf(key: string): Claim | null;
  /** What the registry says. */
  heard(event: MemberEvent): void;
}

const nothingShown = '{}';

export function createNodeKnowledge(view: () => ClusterView): NodeKnowledge {
  const demands = new Map<string, OwnedStream>();
  const shown = new Map<string, string>();
  const delays = new Map<string, number>();
  /** Those that have ended among them. */
  const claims = new Map<string, Claim>();

  const sourceOf = (key: string): OwnedStream | null => view().wanted.get(key) ?? demands.get(key) ?? null;
  const claimOf = (key: string): Claim | null => view().claims.get(key) ?? claims.get(key) ?? null;
  const keep = (all: RegistryView): void => {
    const live = new Set([...all.wanted, ...all.claims].map(({ key }) => key));
    for (const key of claims.keys()) if (!live.has(key)) claims.delete(key);
    for (const claim of all.claims) claims.set(claim.key, claim);
  };
  return {
    sourceOf,
    identityOf: (key) => sourceOf(key) ?? claimOf(key) ?? { pullId: '', name: null },
    shownOf: (key) => shown.get(key) ?? nothingShown,
    show: (key, text) => void shown.set(key, text),
    delayOf: (key) => delays.get(key) ?? null,
    delayed(key, delayMs) {
      if (delayMs === null) delays.delete(key);
      else delays.set(key, delayMs);
    },
    demanded: (stream) => void demands.set(stream.key, stream),
    demandOf: (key) => demands.get(key) ?? null,
    forgetDemand: (key) => void demands.delete(key),
    ended(key) {
      shown.delete(key);
      delays.delete(key);
    },
    claimOf,
    heard(event) {
      if (event.kind === 'view') keep(event.view);
      const claim = event.kind === 'claimed' ? event.claim : claimIn(event);
      if (claim !== null) claims.set(claim.key, claim);
    },
  };
}

const claimIn = (event: MemberEvent): Claim | null =>
  event.kind === 'change' && event.change.kind === 'claim' ? event.change.claim : null;
