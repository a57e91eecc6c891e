/**
 * A player of /mse/{name} for any page: fragmented MP4 over a WebSocket into Media Source Extensions. It plays where WebRTC
 * cannot connect, and what WebRTC cannot carry (B-frames). It stays at the live edge, and connects again until `stop`.
 *
 *     import { MseClient } from './mse-client.js';
 *     const client = new MseClient({ endpoint: '/mse/demo', video: document.querySelector('video') });
 *     client.addEventListener('state', () => console.log(client.state));
 *     client.start();
 *
 * The protocol is in .github/docs/mse.md. The element should be `muted`, `autoplay` and `playsinline`.
 */
import { openMse } from './mse-session.js';

export type MseState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting' }
  | { readonly phase: 'playing' }
  /** Lost, or refused for now: tries again after `retryInMs`. */
  | { readonly phase: 'waiting'; readonly reason: string; readonly retryInMs: number }
  /** This browser cannot play the stream; not tried again before the next `start`. */
  | { readonly phase: 'failed'; readonly reason: string };

interface MseClientOptions {
  /** The endpoint: a ws:, wss:, http: or https: address, or a path such as `/mse/{percent-encoded name}`. */
  readonly endpoint: string | URL;
  readonly video: HTMLVideoElement;
  /** How far behind the newest frame it plays at least. It grows where the network is unsteady. Default 60. */
  readonly bufferMs?: number;
  /** Pause before the first retry; doubled for each further one, up to 10 s. Default 500. */
  readonly retryFirstMs?: number;
}

const retryMaxMs = 10_000;

/** Fires the event `state` whenever `state` has changed. */
export class MseClient extends EventTarget {
  readonly #options: MseClientOptions;
  #state: MseState = { phase: 'idle' };
  #running: AbortController | undefined;

  constructor(options: MseClientOptions) {
    super();
    this.#options = options;
  }

  get state(): MseState {
    return this.#state;
  }

  /** Plays until `stop`. Does nothing when it has been started already. */
  start(): void {
    if (this.#running !== undefined) return;
    const running = new AbortController();
    this.#running = running;
    void this.#run(running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#become({ phase: 'idle' });
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { endpoint, video, bufferMs = 60, retryFirstMs = 500 } = this.#options;
    const url = new URL(endpoint, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    let pauseMs = retryFirstMs;
    const onPlaying = (): void => {
      if (this.#state.phase !== 'connecting') return;
      pauseMs = retryFirstMs;
      this.#become({ phase: 'playing' });
    };
    video.addEventListener('playing', onPlaying, { signal });
    for (; !signal.aborted; pauseMs = Math.min(pauseMs * 2, retryMaxMs)) {
      this.#become({ phase: 'connecting' });
      const lost = await openMse({ url, video, bufferMs, signal }).ended;
      if (signal.aborted) return;
      if (lost.isFinal) {
        this.#running?.abort();
        this.#running = undefined;
        this.#become({ phase: 'failed', reason: lost.reason });
        return;
      }
      // Jitter: the players of a server that went down must not all come back at the same moment.
      const retryInMs = pauseMs * (0.75 + Math.random() / 2);
      this.#become({ phase: 'waiting', reason: lost.reason, retryInMs });
      await new Promise((resolve) => setTimeout(resolve, retryInMs));
    }
  }

  #become(state: MseState): void {
    this.#state = state;
    this.dispatchEvent(new Event('state'));
  }
}
