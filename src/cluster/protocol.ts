/** What nodes of different versions say to each other. */
import type { NodeRecord } from '../core/cluster/records.js';

/** Raised where a node of the version before could not understand what this one says. */
export const protocol = 1;

/** Nodes of this version and of the one before work together, whichever of them is asked. */
export const isSpoken = (node: Pick<NodeRecord, 'protocol'>): boolean => Math.abs(node.protocol - protocol) <= 1;
