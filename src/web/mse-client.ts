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
import { HttpRefusal } from './http-refusal.js';
import { openMse } from './mse-session.js';
import { ReconnectingPlayer } from './reconnecting-player.js';

interface MseClientOptions {
  /** The endpoint: a ws:, wss:, http: or https: address, or a path such as `/mse/{percent-encoded name}`. */
  readonly endpoint: string | URL;
  readonly video: HTMLVideoElement;
  /** How far behind the newest frame it plays at least. It grows where the network is unsteady. Default 60. */
  readonly bufferMs?: number;
  /** Pause before the first retry; doubled for each further one, up to 10 s. Default 500. */
  readonly retryFirstMs?: number;
}

/** Of HTTP: not tried again. */
const notImplemented = 501;

/** Fires the event `state` whenever `state` has changed; `failed`: this browser cannot play the stream. */
export class MseClient extends ReconnectingPlayer {
  readonly #options: MseClientOptions;

  constructor(options: MseClientOptions) {
    super(options);
    this.#options = options;
  }

  /** One connection; resolves with the reason of its end. */
  protected async play(signal: AbortSignal, playing: () => void): Promise<string> {
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
    if (isFinal) throw new HttpRefusal(reason, notImplemented);
    if (!hasPlayed) throw new Error(reason);
    return reason;
  }

  /** The connection ends with what `play` waits for. */
  protected release(): void {}
}
