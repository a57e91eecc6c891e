/** Which simulation belongs to a seed. */
import { createRandom } from '../support/random.js';
import type { Size } from './simulation.js';

export interface Plan {
  readonly size: Size;
  readonly isRegistryOnly: boolean;
}

/** One of 250 is large; of the others faults come thick, as there are few to share them. */
export function planOf(seed: number): Plan {
  const random = createRandom(seed * 7919);
  const isRegistryOnly = seed % 5 === 0;
  if (seed % 250 === 0) return { size: { nodes: 50, streams: 500, faults: 12 }, isRegistryOnly: seed % 1250 === 0 };
  const nodes = 3 + Math.floor(6 * random());
  const streams = 4 + Math.floor(16 * random());
  return { size: { nodes, streams, faults: 2 + Math.floor(7 * random()) }, isRegistryOnly };
}
