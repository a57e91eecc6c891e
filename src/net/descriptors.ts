/** How many descriptors the process may still open. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Descriptors {
  /** The limit of the process (RLIMIT_NOFILE, which Node raises to the hard one at its start); null: the system does not say. */
  readonly limit: number | null;
  /** As last read, at most a second ago, and changed by `add` since; null: the system does not say. */
  free(nowMs: number): number | null;
  /** So many were opened, or closed when negative. */
  add(count: number): void;
}

const keptMs = 1000;
const reservedShare = 0.1;
const leastReserved = 32;

/** So many of them are kept from strangers: for control, sources, threads, and whoever is connected. */
export const reservedOf = (count: number): number => Math.max(leastReserved, Math.floor(count * reservedShare));

export function createDescriptors(): Descriptors {
  const limit = readLimit();
  let used = 0;
  let readMs = Number.NEGATIVE_INFINITY;
  return {
    limit,
    free(nowMs) {
      if (limit === null) return null;
      if (nowMs - readMs >= keptMs) {
        used = countUsed() ?? used;
        readMs = nowMs;
      }
      return limit - used;
    },
    add(count) {
      used += count;
    },
  };
}

function readLimit(): number | null {
  const text = readProc(() => readFileSync('/proc/self/limits', 'utf8'));
  const soft = /^Max open files +(\d+)/m.exec(text ?? '')?.[1];
  return soft === undefined ? null : Number(soft);
}

/** Null when not even the one that reads the folder is left. */
const countUsed = (): number | null => readProc(() => readdirSync('/proc/self/fd').length);

function readProc<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
