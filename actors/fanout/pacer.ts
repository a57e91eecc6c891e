/**
 * Calls again and again on those who are to get something now and then, in turns: at most 2 ms at a time, so that the
 * bursts of a thousand viewers who begin together hold up neither audio nor those at the live edge.
 */
const tickMs = 2;
const sliceMs = 2;

export interface Pacer<T> {
  add(who: T): void;
  remove(who: T): void;
  close(): void;
}

/** `step` gives false when it is no use to call on anybody else in this tick. */
export function createPacer<T>(nowMs: () => number, step: (who: T) => boolean): Pacer<T> {
  const waiting = new Set<T>();
  let timer: NodeJS.Timeout | null = null;

  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };

  const tick = (): void => {
    const endMs = nowMs() + sliceMs;
    for (const who of [...waiting]) {
      if (!waiting.delete(who)) continue;
      // Behind all others before its turn, which may end with its removal.
      waiting.add(who);
      if (!step(who) || nowMs() >= endMs) break;
    }
  };

  return {
    add(who) {
      waiting.add(who);
      timer ??= setInterval(tick, tickMs);
    },
    remove(who) {
      waiting.delete(who);
      if (waiting.size === 0) stop();
    },
    close() {
      waiting.clear();
      stop();
    },
  };
}
