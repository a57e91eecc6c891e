/** What happens when, by a clock that only moves from one thing to the next. */

export interface Schedule {
  readonly nowMs: number;
  after(delayMs: number, run: () => void): void;
  /** All that is due until then. */
  runUntil(untilMs: number): void;
}

interface Entry {
  readonly atMs: number;
  readonly turn: number;
  readonly run: () => void;
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.atMs !== other.atMs ? one.atMs < other.atMs : one.turn < other.turn;

/** What is due at the same moment runs in the order in which it was put in. */
export function createSchedule(): Schedule {
  const heap: Entry[] = [];
  let nowMs = 0;
  let turn = 0;

  const put = (entry: Entry): void => {
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  };
  const take = (): void => {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const below = right !== undefined && left !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
      const child = heap[below];
      if (child === undefined || !isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  };

  return {
    get nowMs() {
      return nowMs;
    },
    after: (delayMs, run) => put({ atMs: nowMs + Math.max(0, delayMs), turn: turn++, run }),
    runUntil(untilMs) {
      for (;;) {
        const next = heap[0];
        if (next === undefined || next.atMs > untilMs) break;
        take();
        nowMs = next.atMs;
        next.run();
      }
      nowMs = untilMs;
    },
  };
}
