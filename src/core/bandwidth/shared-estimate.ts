/**
 * What a rendition follows that several viewers share. One of them alone lowers it within a share: what half of them can take
 * counts, so that a viewer that can take little, or says so, does not spoil the picture of all others.
 */
export interface Estimates {
  /** That have one. */
  readonly viewers: number;
  readonly lowestBps: number;
  /** Half of the viewers can take as much, or more. */
  readonly middleBps: number;
}

/** Of what the middle one can take. */
const leastShare = 0.7;

/** Null: nobody has an estimate. */
export function summarise(estimates: readonly number[]): Estimates | null {
  const sorted = [...estimates].sort((a, b) => a - b);
  const [lowestBps] = sorted;
  const middleBps = sorted[Math.floor(sorted.length / 2)];
  if (lowestBps === undefined || middleBps === undefined) return null;
  return { viewers: sorted.length, lowestBps, middleBps };
}

/** Of several threads: the middle is that of the thread in which the middle viewer is found. */
export function combine(threads: readonly Estimates[]): Estimates | null {
  const sorted = [...threads].sort((a, b) => a.middleBps - b.middleBps);
  const viewers = sorted.reduce((sum, one) => sum + one.viewers, 0);
  let behind = 0;
  const middle = sorted.find((one) => {
    behind += one.viewers;
    return behind > viewers / 2;
  });
  if (middle === undefined) return null;
  return { viewers, lowestBps: Math.min(...sorted.map(({ lowestBps }) => lowestBps)), middleBps: middle.middleBps };
}

/** `isLowerStep`: it is for those who cannot follow another one, and follows the slowest of them. */
export const followed = ({ lowestBps, middleBps }: Estimates, isLowerStep: boolean): number =>
  isLowerStep ? lowestBps : Math.max(lowestBps, leastShare * middleBps);
