/** Waiting for a condition: it is evaluated again after each change, until a deadline. */

export interface Changes {
  /** Something changed: evaluates all probes again. */
  notify(): void;
  /** Resolves with the first value that `probe` gives; with undefined after `timeoutMs`. Rejects with what it throws. */
  until<T>(probe: () => T | undefined, timeoutMs: number): Promise<T | undefined>;
}

export function createChanges(): Changes {
  const waiting = new Set<() => void>();
  return {
    notify() {
      for (const evaluate of [...waiting]) evaluate();
    },
    until: (probe, timeoutMs) =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          waiting.delete(evaluate);
          clearTimeout(timer);
          finish();
        };
        const evaluate = (): void => {
          try {
            const found = probe();
            if (found !== undefined) settle(() => resolve(found));
          } catch (error) {
            settle(() => reject(error));
          }
        };
        const timer = setTimeout(() => settle(() => resolve(undefined)), Math.max(0, timeoutMs));
        waiting.add(evaluate);
        evaluate();
      }),
  };
}
