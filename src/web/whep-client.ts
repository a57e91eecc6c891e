/**
 * A WHEP player for any page (draft-ietf-wish-whep-04). It plays one stream into one video element, and plays it
 * again, with back-off, whenever it is lost, until it is told to stop.
 *
 *     import { WhepClient } from './whep-client.js';
 *     const client = new WhepClient({ endpoint: '/whep/demo', video: document.querySelector('video') });
 *     client.addEventListener('state', () => console.log(client.state));
 *     client.start();
 *
 * The element should be `muted`, `autoplay` and `playsinline`: browsers refuse to start audio by themselves.
 */

import { WhepRefusal } from './whep-exchange.js';
import { openSession, type WhepSession } from './whep-session.js';

export { WhepRefusal } from './whep-exchange.js';

export type WhepState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting' }
  | { readonly phase: 'playing' }
  /** Lost or refused for now: tried again after `retryInMs`. `reason` is in words, the server's where it gave some. */
  | { readonly phase: 'waiting'; readonly reason: string; readonly retryInMs: number }
  /** Refused for good; `start` tries once more. */
  | { readonly phase: 'failed'; readonly reason: string };

interface WhepClientOptions {
  /** Where the stream is played from, as `/whep/{percent-encoded name}`. */
  readonly endpoint: string | URL;
  readonly video: HTMLVideoElement;
  /** Bearer token, where the server asks for one. */
  readonly token?: string;
  /** First pause before trying again; doubled each time up to `retryMaxMs`. Default 500. */
  readonly retryFirstMs?: number;
  /** Default 10,000. */
  readonly retryMaxMs?: number;
  /** How long a path for media may take to be found, once the offer is answered. Default 10,000. */
  readonly connectTimeoutMs?: number;
}

/** Fires `state` whenever `state` has changed. */
export class WhepClient extends EventTarget {
  readonly #options: WhepClientOptions;
  #state: WhepState = { phase: 'idle' };
  #running: AbortController | undefined;
  #session: WhepSession | undefined;

  constructor(options: WhepClientOptions) {
    super();
    this.#options = options;
  }

  get state(): WhepState {
    return this.#state;
  }

  /** The connection in use, for statistics; undefined while there is none. */
  get connection(): RTCPeerConnection | undefined {
    return this.#session?.connection;
  }

  /** Plays until `stop`. Does nothing when it is playing or trying already. */
  start(): void {
    if (this.#running !== undefined) return;
    const running = new AbortController();
    this.#running = running;
    void this.#run(running.signal).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
  }

  /** Ends the session at the server (DELETE), also while the page is being left. */
  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#release();
    this.#become({ phase: 'idle' });
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { retryFirstMs = 500, retryMaxMs = 10_000 } = this.#options;
    for (let pauseMs = retryFirstMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, retryMaxMs)) {
      this.#become({ phase: 'connecting' });
      let lost: unknown;
      try {
        const reason = await this.#play(signal);
        pauseMs = retryFirstMs;
        lost = new Error(reason);
      } catch (error) {
        lost = error;
      }
      this.#release();
      if (signal.aborted) return;
      const reason = lost instanceof Error ? lost.message : String(lost);
      if (lost instanceof WhepRefusal && !lost.mayMend) {
        this.#become({ phase: 'failed', reason });
        return;
      }
      const askedMs = lost instanceof WhepRefusal ? (lost.retryAfterMs ?? 0) : 0;
      // Spread, so that all viewers of a server that went down do not come back in the same moment.
      const retryInMs = Math.max(askedMs, pauseMs * (0.75 + Math.random() / 2));
      this.#become({ phase: 'waiting', reason, retryInMs });
      await pause(retryInMs, signal);
    }
  }

  /** Plays once; gives the reason of the end. */
  async #play(signal: AbortSignal): Promise<string> {
    const { endpoint, video, token, connectTimeoutMs = 10_000 } = this.#options;
    const request = { endpoint: new URL(endpoint, document.baseURI), token, signal };
    const session = await openSession(request, connectTimeoutMs, (stream) => {
      video.srcObject = stream;
    });
    if (signal.aborted) {
      session.close();
      return '';
    }
    this.#session = session;
    this.#become({ phase: 'playing' });
    const aborted = new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('')));
    return Promise.race([session.ended, aborted]);
  }

  #release(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  #become(state: WhepState): void {
    this.#state = state;
    this.dispatchEvent(new Event('state'));
  }
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
