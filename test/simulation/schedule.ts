/** What happens when, by a clock that only moves from one thing to the next. */

export interface Schedule {
  readonly nowMs: number;
  after(delayMs: number, run: () => void): void;
  /** All that is due until then. */
  runUntil(untilMs: number): void;
}

/**
 * What is due at the same moment runs in the order in which it was put in. A binary heap of numbers: of two that are due at a
 * time the lower turn is first. Large clusters put in millions.
 */
export function createSchedule(): Schedule {
  let due = new Float64Array(1024);
  let turns = new Float64Array(1024);
  const runs: (() => void)[] = [];
  let nowMs = 0;
  let turn = 0;

  const grow = (): void => {
    const [more, moreTurns] = [new Float64Array(2 * due.length), new Float64Array(2 * due.length)];
    more.set(due);
    moreTurns.set(turns);
    [due, turns] = [more, moreTurns];
  };
  const isBefore = (one: number, atMs: number, itsTurn: number): boolean => {
    const oneMs = due[one] ?? 0;
    return oneMs !== atMs ? oneMs < atMs : (turns[one] ?? 0) < itsTurn;
  };
  const move = (from: number, to: number): void => {
    const run = runs[from];
    if (run !== undefined) place(to, due[from] ?? 0, turns[from] ?? 0, run);
  };
  const place = (at: number, atMs: number, itsTurn: number, run: () => void): void => {
    due[at] = atMs;
    turns[at] = itsTurn;
    runs[at] = run;
  };
  const put = (atMs: number, run: () => void): void => {
    let at = runs.length;
    if (at === due.length) grow();
    const itsTurn = turn++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (isBefore(above, atMs, itsTurn)) break;
      move(above, at);
      at = above;
    }
    place(at, atMs, itsTurn, run);
  };
  /** The first one goes: the last one takes its place, and sinks. */
  const take = (): void => {
    const last = runs.length - 1;
    const [atMs, itsTurn] = [due[last] ?? 0, turns[last] ?? 0];
    const run = runs.pop();
    if (run === undefined || last === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const below = right < last && isBefore(right, due[left] ?? 0, turns[left] ?? 0) ? right : left;
      if (below >= last || !isBefore(below, atMs, itsTurn)) break;
      move(below, at);
      at = below;
    }
    place(at, atMs, itsTurn, run);
  };

  return {
    get nowMs() {
      return nowMs;
    },
    after: (delayMs, run) => put(nowMs + Math.max(0, delayMs), run),
    runUntil(untilMs) {
      for (;;) {
        const next = runs[0];
        const atMs = due[0] ?? 0;
        if (next === undefined || atMs > untilMs) break;
        take();
        nowMs = atMs;
        next();
      }
      nowMs = untilMs;
    },
  };
}
