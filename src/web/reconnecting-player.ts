/** A player for any page, whatever it plays by: it is started and stopped, says its state, and connects again until it is stopped. */
import { type PlayState, playOn } from './play-loop.js';

interface Pauses {
  /** Before the first retry; doubled for each further one, up to `retryMaxMs`. Default 500. */
  readonly retryFirstMs?: number;
  /** Default 10,000. */
  readonly retryMaxMs?: number;
}

/** Fires the event `state` whenever `state` has changed. */
export abstract class ReconnectingPlayer extends EventTarget {
  readonly #pauses: Pauses;
  #state: PlayState = { phase: 'idle' };
  #running: AbortController | undefined;

  constructor(pauses: Pauses) {
    super();
    this.#pauses = pauses;
  }

  get state(): PlayState {
    return this.#state;
  }

  /** Plays until `stop`. Does nothing when it has been started already. */
  start(): void {
    if (this.#running !== undefined) return;
    const running = new AbortController();
    const { retryFirstMs = 500, retryMaxMs = 10_000 } = this.#pauses;
    this.#running = running;
    void playOn({
      play: (signal, playing) => this.play(signal, playing),
      release: () => this.release(),
      onState: (state) => this.#become(state),
      signal: running.signal,
      retryFirstMs,
      retryMaxMs,
    }).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.release();
    this.#become({ phase: 'idle' });
  }

  /** One connection; calls `playing` when media flows, and resolves with the reason of its end. Rejects when it did not come so far. */
  protected abstract play(signal: AbortSignal, playing: () => void): Promise<string>;

  /** Frees what `play` left. */
  protected abstract release(): void;

  #become(state: PlayState): void {
    this.#state = state;
    this.dispatchEvent(new Event('state'));
  }
}
