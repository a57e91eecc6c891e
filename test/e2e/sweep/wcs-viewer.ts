/** A viewer that plays by WCS signalling, and keeps what it was told. */
import { joinStream, type StreamViewer } from '../../support/viewer/stream-viewer.js';
import { openWcsPlay, type PlayStatus, type WcsPlay } from '../../support/viewer/wcs-play.js';
import { offerOf } from '../../support/viewer/whep-viewer.js';

export interface WcsWish {
  readonly signalling: string;
  readonly name: string;
  readonly offerSdp: string;
  readonly width: number | null;
}

export class WcsViewer {
  readonly #page: WcsPlay;
  #viewer: StreamViewer | null = null;
  #answerSdp = '';
  #told: PlayStatus | null = null;
  #isOver = false;

  static async open(wish: WcsWish): Promise<WcsViewer> {
    let told = (_status: PlayStatus): void => {};
    const opened = new WcsViewer(await openWcsPlay(wish.signalling, (status) => told(status)));
    told = (status) => {
      opened.#told = status;
    };
    // One that does not come about is seen by what it is not sent.
    opened.#play(wish).catch(() => {});
    return opened;
  }

  private constructor(page: WcsPlay) {
    this.#page = page;
  }

  /** Null while it has no answer and is not connected. */
  get viewer(): StreamViewer | null {
    return this.#viewer;
  }

  get answerSdp(): string {
    return this.#answerSdp;
  }

  /** The newest; null before the first. */
  get told(): PlayStatus | null {
    return this.#told;
  }

  close(): void {
    this.#isOver = true;
    this.#viewer?.close();
    this.#page.close();
  }

  async #play({ name, offerSdp, width }: WcsWish): Promise<void> {
    const viewer = await joinStream(async (offer) => {
      this.#answerSdp = await this.#page.play(name, offerOf(offerSdp, offer), { width: width ?? 0 });
      return this.#answerSdp;
    });
    if (this.#isOver) viewer.close();
    else this.#viewer = viewer;
  }
}
