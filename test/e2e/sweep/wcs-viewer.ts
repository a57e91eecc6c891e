/** A viewer that plays by WCS signalling, and keeps what it was told. */
import { openWebSocket, type WebSocketClient } from '../../support/server/websocket-client.js';
import { joinStream, type StreamViewer } from '../../support/viewer/stream-viewer.js';
import { offerOf } from '../../support/viewer/whep-viewer.js';

/** Of notifyStreamStatusEvent. */
export interface ToldStatus {
  readonly status: string;
  readonly code: string | null;
}

export interface WcsWish {
  readonly signalling: string;
  readonly name: string;
  readonly offerSdp: string;
  readonly width: number | null;
}

export class WcsViewer {
  readonly #socket: WebSocketClient;
  #viewer: StreamViewer | null = null;
  #answerSdp = '';
  #told: ToldStatus | null = null;
  #isOver = false;
  #answered: (sdp: string) => void = () => {};

  static async open(wish: WcsWish): Promise<WcsViewer> {
    const opened = new WcsViewer(await openWebSocket(wish.signalling));
    void opened.#listen();
    // One that does not come about is seen by what it is not sent.
    opened.#play(wish).catch(() => {});
    return opened;
  }

  private constructor(socket: WebSocketClient) {
    this.#socket = socket;
  }

  /** Null while it has no answer and is not connected. */
  get viewer(): StreamViewer | null {
    return this.#viewer;
  }

  get answerSdp(): string {
    return this.#answerSdp;
  }

  /** The newest; null before the first. */
  get told(): ToldStatus | null {
    return this.#told;
  }

  close(): void {
    this.#isOver = true;
    this.#viewer?.close();
    this.#socket.close();
  }

  async #play({ name, offerSdp, width }: WcsWish): Promise<void> {
    const send = (message: string, argument: object): void => this.#socket.sendJson({ message, data: [argument] });
    send('connection', { appKey: 'defaultApp', mediaProviders: ['WebRTC'] });
    const viewer = await joinStream(async (offer) => {
      const sdp = offerOf(offerSdp, offer);
      const answer = new Promise<string>((resolve) => {
        this.#answered = resolve;
      });
      send('playStream', { mediaSessionId: name, name, mediaProvider: 'WebRTC', sdp, width: width ?? 0 });
      this.#answerSdp = await answer;
      return this.#answerSdp;
    });
    if (this.#isOver) viewer.close();
    else this.#viewer = viewer;
  }

  async #listen(): Promise<void> {
    while (!this.#isOver) {
      // A server that has nothing to say is silent for long.
      const frame = Object(await this.#socket.next().catch(() => null));
      const [first, second] = frame.data ?? [];
      if (frame.message === 'setRemoteSDP') this.#answered(String(second));
      if (frame.message !== 'notifyStreamStatusEvent') continue;
      const { status, reason } = Object(first);
      this.#told = { status: String(status), code: reason === undefined ? null : String(Object(reason).code) };
    }
  }
}
