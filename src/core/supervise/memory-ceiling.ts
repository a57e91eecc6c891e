/**
 * Which thread is ended when the whole process comes near the memory that there is: better one stream than all of them, which
 * is what the kernel would end. Pure.
 */

export interface HeldByThread {
  readonly id: string;
  /** As it counted itself at its last heartbeat. */
  readonly usedBytes: number;
  /** So long ago, in its own time. */
  readonly silentMs: number;
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

/** The id of the thread to be ended; null: none. `ended`: null when none was since the process was last below its ceiling. */
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
  const silent = threads.filter((thread) => thread.silentMs >= silentMs);
  const [mostSilent] = silent.toSorted((one, other) => other.silentMs - one.silentMs);
  if (mostSilent !== undefined) return mostSilent.id;
  const [largest] = threads.toSorted((one, other) => other.usedBytes - one.usedBytes);
  return largest !== undefined && largest.usedBytes >= leastBytes ? largest.id : null;
}
