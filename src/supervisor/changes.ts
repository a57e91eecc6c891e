/** Waiting for something to become true, looked at anew after each change, with a deadline. */

export interface Changes {
  /** Something changed: all probes look again. */
  told(): void;
  /** The first thing that the probe gives; undefined after `timeoutMs`. Rejects with what the probe throws. */
  until<T>(probe: () => T | undefined, timeoutMs: number): Promise<T | undefined>;
}

export function createChanges(): Changes {
  const waiting = new Set<() => void>();
  return {
    told() {
      for (const look of [...waiting]) look();
    },
    until: (probe, timeoutMs) =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          waiting.delete(look);
          clearTimeout(timer);
          finish();
        };
        const look = (): void => {
          try {
            const found = probe();
            if (found !== undefined) settle(() => resolve(found));
          } catch (error) {
            settle(() => reject(error));
          }
        };
        const timer = setTimeout(() => settle(() => resolve(undefined)), Math.max(0, timeoutMs));
        waiting.add(look);
        look();
      }),
  };
}
