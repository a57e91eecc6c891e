/** Which simulation belongs to a seed. */
import { createRandom } from '../support/random.js';
import { simulatePoison } from './poison.js';
import { type Outcome, simulate } from './simulation.js';
import type { Size } from './users.js';

export interface Plan {
  readonly size: Size;
  /** `poison`: one of its streams ends each process that has it. */
  readonly kind: 'all' | 'registry' | 'poison';
}

/** One of 250 is large; of the others faults come thick, as there are few to share them. */
export function planOf(seed: number): Plan {
  const random = createRandom(seed * 7919);
  const kind = seed % 5 === 0 ? 'registry' : 'all';
  if (seed % 250 === 0) {
    return { size: { nodes: 50, streams: 500, faults: 12 }, kind: seed % 1250 === 0 ? 'registry' : 'all' };
  }
  const nodes = 3 + Math.floor(6 * random());
  const streams = 4 + Math.floor(16 * random());
  return { size: { nodes, streams, faults: 2 + Math.floor(7 * random()) }, kind: seed % 40 === 1 ? 'poison' : kind };
}

export function simulateSeed(seed: number, { size, kind }: Plan): Outcome {
  // Before the trial of a suspect is over, or behind it.
  if (kind === 'poison') return simulatePoison(seed, size, seed % 80 === 1 ? 1000 : 8000);
  return simulate(seed, size, kind === 'registry');
}
