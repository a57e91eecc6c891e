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

import type { PlayState } from './play-loop.js';
import { ReconnectingPlayer } from './reconnecting-player.js';
import { openSession, type WhepSession } from './whep-session.js';

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
export class WhepClient extends ReconnectingPlayer {
  readonly #options: WhepClientOptions;
  #session: WhepSession | undefined;

  constructor(options: WhepClientOptions) {
    super(options);
    this.#options = options;
  }

  /** The current connection, for statistics; undefined while there is none. */
  get connection(): RTCPeerConnection | undefined {
    return this.#session?.connection;
  }

  /** One session; resolves with the reason of its end. */
  protected async play(signal: AbortSignal, playing: () => void): Promise<string> {
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

  /** Ends the session at the server (DELETE); works during `pagehide` too. */
  protected release(): void {
    this.#session?.close();
    this.#session = undefined;
  }
}
