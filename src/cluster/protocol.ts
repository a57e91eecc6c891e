/** What nodes of different versions say to each other. */
import type { MemberEvent } from '../core/cluster/member.js';
import type { NodeRecord } from '../core/cluster/records.js';

/** Raised where a node of the version before could not understand what this one says. */
export const protocol = 2;

/** It seals what it asks of others, and its answers (core/cluster/node-call.ts). */
export const sealsCalls = (node: Pick<NodeRecord, 'protocol'>): boolean => node.protocol >= 2;

/** Nodes of this version and of the one before work together, whichever of them is asked. */
const isSpoken = (node: NodeRecord): boolean => Math.abs(node.protocol - protocol) <= 1;

/** What was heard without nodes whose protocol is another one; null: there is nothing left of it. */
export function spoken(event: MemberEvent, refuse: (node: NodeRecord) => void): MemberEvent | null {
  const isTaken = (node: NodeRecord): boolean => {
    if (!isSpoken(node)) refuse(node);
    return isSpoken(node);
  };
  if (event.kind === 'view') {
    const view = { ...event.view, nodes: event.view.nodes.filter(isTaken) };
    return { kind: 'view', view, askedAtMs: event.askedAtMs };
  }
  if (event.kind !== 'change' || event.change.kind !== 'node' || event.change.node === null) return event;
  return isTaken(event.change.node) ? event : null;
}
