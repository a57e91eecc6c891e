/** Whether anything is to be heard of a source's audio, by what becomes of its frames where somebody listens. */
import type { ErrorCode } from '../../src/errors.js';

export interface AudioProofOptions {
  /** A frame came that can be heard, as far as is known: where nobody listens none is decoded. */
  readonly onUsed: () => void;
  /** What came is of no use, for this reason; the detail is for people. */
  readonly onUnusable: (code: ErrorCode, detail: string, isCertain?: boolean) => void;
}

/** Of frames of which no packet comes for so long, in ms of media, nothing is to be heard. */
const mostSilentMs = 400;
/** Damaged frames in a row after which others are decoded although nobody listens, to learn whether that is over. */
const damagedFrames = 10;
/** In a row, of audio of which nothing was ever heard: there is no need to wait for more. */
const certainFrames = 6;

/** What became of a frame: `none`: no packet came of it so far. */
export type AudioResult = 'packets' | 'damaged' | 'none' | 'unavailable';

export class AudioProof {
  readonly #options: AudioProofOptions;
  /** Frames in a row that did not decode. */
  #damaged = 0;
  /** FFmpeg is missing here, for good. */
  #isUnavailable = false;
  /** Something came of frames of this configuration. */
  #wasHeard = false;
  /** Media time of the newest frame of which packets came, or for which nobody waited. */
  #heardMs: number | null = null;

  constructor(options: AudioProofOptions) {
    this.#options = options;
  }

  /** It is not known whether anything can be heard: frames are decoded although nobody listens. */
  get isWanted(): boolean {
    return this.#damaged >= damagedFrames;
  }

  /** Frames that follow are of another configuration. */
  begin(): void {
    this.#wasHeard = false;
  }

  /** `results`: of each encoding that is made. */
  see(results: readonly AudioResult[], mediaMs: number, codec: string): void {
    const isHeard = results.includes('packets');
    this.#wasHeard ||= isHeard;
    this.#isUnavailable ||= results.includes('unavailable');
    if (isHeard || results.length === 0 || this.#heardMs === null) this.#heardMs = mediaMs;
    const isDamaged = results.includes('damaged') || mediaMs - this.#heardMs > mostSilentMs;
    if (isHeard) this.#damaged = 0;
    if (this.#isUnavailable) this.#options.onUnusable('media.unavailable', '');
    else if (!isHeard && isDamaged) {
      this.#damaged += 1;
      this.unreadable(`${codec} whose frames do not decode`);
    } else if (this.#damaged === 0) this.#options.onUsed();
  }

  /** A frame came of which nothing can be made. */
  unreadable(why: string): void {
    this.#options.onUnusable('source.unreadableAudio', why, !this.#wasHeard && this.#damaged >= certainFrames);
  }
}
