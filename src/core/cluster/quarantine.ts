/**
 * Streams whose bytes may end a whole process: each node that takes one dies, with all else that it holds. Nobody sees which of a
 * node's streams did it, so that all that it held count its death, and one that so many nodes died of within ten minutes is in
 * quarantine: no node pulls it for a time that doubles with each further death. Then one node tries it, with no other suspect
 * beside it, and says so before it begins: of a node that dies meanwhile nothing else is to blame.
 */
import type { Stream } from './stream.js';

/** So many nodes died of it: it is a suspect. */
const suspectDeaths = 3;
/** A suspect is none any more when no node has died of it for so long. */
export const deathsKeptMs = 600_000;
const firstPauseMs = 10_000;
const mostPauseMs = 300_000;
const firstTrialMs = 5000;
const mostTrialMs = 60_000;

type Suspected = Pick<Stream, 'dead' | 'unreported' | 'deathMs'>;

/** How many nodes died while they had it; one that is heard of again was away and is not dead. */
export function deathsOf(
  { dead, unreported, deathMs }: Suspected,
  isAlive: (nodeId: string) => boolean,
  nowMs: number,
) {
  if (nowMs - deathMs > deathsKeptMs) return 0;
  return [...new Set([...dead, ...unreported])].filter((nodeId) => !isAlive(nodeId)).length;
}

export const isSuspect = (deaths: number): boolean => deaths >= suspectDeaths;

const doubled = (firstMs: number, mostMs: number, deaths: number): number =>
  Math.min(mostMs, firstMs * 2 ** (deaths - suspectDeaths));

/** For how long nobody pulls it after the last death. */
export const pauseMs = (deaths: number): number => (isSuspect(deaths) ? doubled(firstPauseMs, mostPauseMs, deaths) : 0);

/** For how long a node that pulls it tries no other one. */
export const trialMs = (deaths: number): number => doubled(firstTrialMs, mostTrialMs, deaths);

/** Of what a node owned when it died: who is to blame. `trialKey`: what it was trying; those that are suspects already are `isUsual`. */
export function blamed(
  held: readonly Stream[],
  trialKey: string | null,
  isUsual: (stream: Stream) => boolean,
): readonly Stream[] {
  if (trialKey !== null) return held.filter(({ key }) => key === trialKey);
  const usual = held.filter(isUsual);
  return usual.length > 0 ? usual : held;
}
