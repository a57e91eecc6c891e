/** The first picture of a source comes a moment behind the news that it has video: who asks for one by then waits for it. */

export interface FirstPicture {
  /** A picture has come. */
  came(): void;
  /** Resolves when one has come, or after a moment. */
  wait(): Promise<void>;
}

/** A keyframe waits until the next picture begins, and a source may be slow. */
const mostMs = 500;

export function createFirstPicture(): FirstPicture {
  let hasCome = false;
  const waiting = new Set<() => void>();
  return {
    came() {
      hasCome = true;
      for (const wake of waiting) wake();
    },
    wait() {
      if (hasCome) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, mostMs);
        waiting.add(wake);
      });
    },
  };
}
