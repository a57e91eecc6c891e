/**
 * A rest by the kernel: it tells the loop of what has come once that is `restBytes` (socket(7), SO_RCVLOWAT). The thread is woken once
 * for each, where a paused socket of libuv wakes it for the timer, for the bytes, and to be taken out of the loop's set. Since Linux 4.18,
 * the oldest that Node 20 runs on, the kernel makes room for that much, and tells at once what there is when less is asked for.
 *
 * What takes longer to come is read at a heartbeat, for which the thread is awake anyway.
 */
import { type OnBeat, type Rest, restBytes } from './rest.js';

/** So long after the last read a heartbeat has what there is read. */
const oldMs = 150;

export interface LowWaterRestOptions {
  readonly setLowWater: (bytes: number) => void;
  readonly mayRest: () => boolean;
  readonly onBeat: OnBeat;
  /** Monotonic ms. */
  readonly nowMs: () => number;
}

export function createLowWaterRest({ setLowWater, mayRest, onBeat, nowMs }: LowWaterRestOptions): Rest {
  let lowWater = 1;
  let readMs = Number.NEGATIVE_INFINITY;
  const set = (bytes: number): void => {
    if (bytes !== lowWater) setLowWater(bytes);
    lowWater = bytes;
  };
  const end = (): void => set(1);
  const leaveBeat = onBeat(() => {
    if (nowMs() - readMs >= oldMs) end();
  });
  return {
    read() {
      readMs = nowMs();
      if (mayRest()) set(restBytes);
    },
    end,
    close() {
      leaveBeat();
      end();
    },
  };
}
