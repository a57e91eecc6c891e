/**
 * Which thread is ended for its memory from outside: the largest when the whole process comes near the memory that there is (better
 * one stream than all of them, which is what the kernel would end), and one that takes memory in a loop, in which it cannot count
 * itself, before V8 gives up on it and ends the process (docs/reliability.md 2.2). Pure.
 */

export interface HeldByThread {
  readonly id: string;
  /** As it counted itself at its last heartbeat. */
  readonly usedBytes: number;
  /** What it may hold; 0: no limit. */
  readonly budgetBytes: number;
  /** So long ago was the heartbeat, in the thread's own time. */
  readonly silentMs: number;
  /** What the whole process has grown by since then. */
  readonly grownBytes: number;
}

/** The last thread that was ended, and what the process held then. */
export interface EndedForMemory {
  readonly atMs: number;
  readonly residentBytes: number;
}

/** One at a time: its memory is back some tenths of a second after its end. */
const betweenMs = 1000;
/**
 * What was freed may stay with the process, which uses it again: another thread is ended only when it has become so much more, so
 * it was not the right one.
 */
const moreBytes = 67_108_864;
/** Two heartbeats: what a thread takes meanwhile it has not counted. */
const silentMs = 400;
/** Ending a thread that holds less would give nothing back. */
const leastBytes = 33_554_432;
/** A hundred threads that start take less in the time in which one is silent. */
const leastRunawayBytes = 268_435_456;

/** The id of the thread that was silent for longest, and whose silence made the process grow beyond that thread's budget; null: none. */
export function findRunaway(threads: readonly HeldByThread[]): string | null {
  const [mostSilent] = silentOnes(threads);
  if (mostSilent === undefined || mostSilent.budgetBytes === 0) return null;
  // Others grow too, while many start at once for example: only what cannot be their growth tells.
  const isRunaway = mostSilent.usedBytes + mostSilent.grownBytes >= Math.max(mostSilent.budgetBytes, leastRunawayBytes);
  return isRunaway ? mostSilent.id : null;
}

/** The id of the thread to be ended at the ceiling; null: none. `ended`: null when none was since the process was last below its ceiling. */
export function chooseToEnd(
  residentBytes: number,
  ceilingBytes: number,
  threads: readonly HeldByThread[],
  ended: EndedForMemory | null,
  nowMs: number,
): string | null {
  if (residentBytes < ceilingBytes) return null;
  if (ended !== null && (nowMs - ended.atMs < betweenMs || residentBytes < ended.residentBytes + moreBytes))
    return null;
  // A thread that grows in a loop does not count what it takes.
  const [mostSilent] = silentOnes(threads);
  if (mostSilent !== undefined) return mostSilent.id;
  const [largest] = threads.toSorted((one, other) => other.usedBytes - one.usedBytes);
  return largest !== undefined && largest.usedBytes >= leastBytes ? largest.id : null;
}

/** The most silent first. */
function silentOnes(threads: readonly HeldByThread[]): readonly HeldByThread[] {
  return threads
    .filter((thread) => thread.silentMs >= silentMs)
    .toSorted((one, other) => other.silentMs - one.silentMs);
}
