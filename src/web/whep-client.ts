/**
 * A WHEP player for any page (draft-ietf-wish-whep-04). It plays one stream in one video element, and connects again, with
 * back-off, whenever the connection is lost, until `stop`.
 *
 *     import { WhepClient } from './whep-client.js';
 *     const client = new WhepClient({ endpoint: '/whep/demo', video: document.querySelector('video') });
 *     client.addEventListener('state', () => console.log(client.state));
 *     client.start();
 *
 * The element should be `muted`, `autoplay` and `playsinline`: browsers do not start audio without a click.
 */

import { type PlayState, playOn } from './play-loop.js';
import { openSession, type WhepSession } from './whep-session.js';

export { WhepRefusal } from './whep-exchange.js';

export type WhepState = PlayState;

interface WhepClientOptions {
  /** The WHEP endpoint, such as `/whep/{percent-encoded name}`. */
  readonly endpoint: string | URL;
  readonly video: HTMLVideoElement;
  /** Bearer token for servers that ask for one. */
  readonly token?: string;
  /** Pause before the first retry; doubled for each further one, up to `retryMaxMs`. Default 500. */
  readonly retryFirstMs?: number;
  /** Default 10,000. */
  readonly retryMaxMs?: number;
  /** From the answer until ICE and DTLS are connected. Default 10,000. */
  readonly connectTimeoutMs?: number;
}

/** Fires the event `state` whenever `state` has changed. */
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

  /** The current connection, for statistics; undefined while there is none. */
  get connection(): RTCPeerConnection | undefined {
    return this.#session?.connection;
  }

  /** Plays until `stop`. Does nothing when it has been started already. */
  start(): void {
    if (this.#running !== undefined) return;
    const running = new AbortController();
    const { retryFirstMs = 500, retryMaxMs = 10_000 } = this.#options;
    this.#running = running;
    void playOn({
      play: (signal, playing) => this.#play(signal, playing),
      release: () => this.#release(),
      onState: (state) => this.#become(state),
      signal: running.signal,
      retryFirstMs,
      retryMaxMs,
    }).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
  }

  /** Ends the session at the server (DELETE); works during `pagehide` too. */
  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#release();
    this.#become({ phase: 'idle' });
  }

  /** One session; resolves with the reason of its end. */
  async #play(signal: AbortSignal, playing: () => void): Promise<string> {
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
    playing();
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
