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
import { type PlayState, playOn } from './play-loop.js';
import { WhepRefusal } from './whep-exchange.js';

/** `failed`: this browser cannot play the stream. */
export type MseState = PlayState;

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
/** Of HTTP: not tried again. */
const notImplemented = 501;

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
    const { retryFirstMs = 500 } = this.#options;
    this.#running = running;
    void playOn({
      play: (signal, playing) => this.#play(signal, playing),
      release: () => undefined,
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
    this.#become({ phase: 'idle' });
  }

  /** One connection; resolves with the reason of its end. */
  async #play(signal: AbortSignal, playing: () => void): Promise<string> {
    const { endpoint, video, bufferMs = 60 } = this.#options;
    const url = new URL(endpoint, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    let hasPlayed = false;
    const connection = new AbortController();
    const onPlaying = (): void => {
      hasPlayed = true;
      playing();
    };
    video.addEventListener('playing', onPlaying, { once: true, signal: connection.signal });
    const { reason, isFinal } = await openMse({ url, video, bufferMs, signal }).ended;
    connection.abort();
    if (isFinal) throw new WhepRefusal(reason, notImplemented, '', null);
    if (!hasPlayed) throw new Error(reason);
    return reason;
  }

  #become(state: MseState): void {
    this.#state = state;
    this.dispatchEvent(new Event('state'));
  }
}
