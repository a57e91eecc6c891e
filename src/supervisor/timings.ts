/** How long things took that viewers notice, as they happen; /metrics makes histograms of them. */

/**
 * `join`: from the request of a viewer until its media flows; `answer`, `ice` and `dtls` are its parts. `firstFrame`: until its
 * browser has decoded a frame, as its player tells. `handOver`: viewers had no media while another thread took them over.
 */
export type Timing = 'join' | 'answer' | 'ice' | 'dtls' | 'firstFrame' | 'handOver';

export type OnTiming = (timing: Timing, ms: number) => void;

export interface Timings {
  readonly note: OnTiming;
  /** Is told each from now on. */
  observe(listener: OnTiming): void;
}

export function createTimings(): Timings {
  const listeners: OnTiming[] = [];
  return {
    note(timing, ms) {
      for (const listener of listeners) listener(timing, ms);
    },
    observe: (listener) => void listeners.push(listener),
  };
}
