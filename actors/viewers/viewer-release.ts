/** The end of a thread in order, for another one to go on with its viewers. */
import type { Seats } from './seats.js';

export interface ViewerRelease {
  /** Resolves when it has let go; null: it serves its viewers. */
  readonly done: Promise<void> | null;
  begin(): Promise<void>;
  /** A viewer is connected, or gone. */
  settled(): void;
  /**
   * What is answered to who asks this thread; nothing from `begin` on: the call fails when this thread is gone, and whoever waits for it
   * asks the next one.
   */
  answer<T>(ask: () => Promise<T>): Promise<T>;
}

/** So long handshakes are waited for: meanwhile this thread serves those who play. */
const handshakesMs = 1000;
const unanswered = new Promise<never>(() => {});

export function createViewerRelease(seats: Pick<Seats, 'handshaking'>, abandon: () => Promise<void>): ViewerRelease {
  let done: Promise<void> | null = null;
  let onSettled = (): void => {};

  const handshakesOver = async (): Promise<void> => {
    if (seats.handshaking === 0) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, handshakesMs);
      onSettled = () => {
        clearTimeout(late);
        resolve();
      };
    });
  };

  return {
    get done() {
      return done;
    },
    begin() {
      done ??= handshakesOver().then(abandon);
      return done;
    },
    settled() {
      if (done !== null && seats.handshaking === 0) onSettled();
    },
    async answer(ask) {
      if (done !== null) return unanswered;
      try {
        return await ask();
      } catch (error) {
        if (done !== null) return unanswered;
        throw error;
      }
    },
  };
}
