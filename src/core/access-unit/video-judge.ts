/** What becomes of a source's own video, read from its bitstream alone: passed on as it is, or made into what browsers play. */
import { type BFrames, initialBFrames, seeFrame } from '../codec/b-frames.js';
import { type EntryPoints, noEntryPoints, seeStart } from './entry-points.js';
import type { Picture, PictureFormat } from './picture.js';

/** Of what is done with frames that come in another order than they are shown (media.bFrames). */
type WithBFrames = 'reencode' | 'drop' | 'refuse';

export interface VideoDecision {
  readonly kind: 'undecided' | 'pass' | WithBFrames;
  /** For people. */
  readonly reason: string;
}

/** Browsers decode no larger pictures. */
const mostEdge = 8192;
/** Browsers put no picture of more packets together: libwebrtc's buffer of packets has 2048 places, also for those that come next. */
const mostPackets = 1900;

export class VideoJudge {
  readonly #withBFrames: WithBFrames;
  readonly #packetBytes: number;
  /** Packets of the longest picture of this format. */
  #longest = 0;
  #format: PictureFormat | null = null;
  #bFrames: BFrames = initialBFrames();
  #entries: EntryPoints = noEntryPoints;
  /** A picture that browsers can begin with was glanced at since the newest one that was seen. */
  #hasGlancedEntry = false;

  /** `packetBytes`: of what is sent. */
  constructor(withBFrames: WithBFrames, packetBytes: number) {
    this.#withBFrames = withBFrames;
    this.#packetBytes = packetBytes;
  }

  /** Null while nothing says what the pictures are. */
  get format(): PictureFormat | null {
    return this.#format;
  }

  /** Pictures to come would change the decision only together with the format, or with what they can be begun with. */
  get isSure(): boolean {
    return this.#bFrames.isSure;
  }

  get decision(): VideoDecision {
    if (this.#format !== null && isTooLarge(this.#format)) {
      const { width, height } = this.#format.info;
      return { kind: 'reencode', reason: `${width}x${height} is larger than browsers decode` };
    }
    if (this.#longest > mostPackets) {
      return { kind: 'reencode', reason: `a picture of ${this.#longest} packets is more than browsers put together` };
    }
    if (!this.#entries.canBegin) {
      return { kind: 'reencode', reason: `browsers cannot begin with it: ${this.#entries.reason}` };
    }
    const { present, reason } = this.#bFrames;
    return { kind: present === null ? 'undecided' : present ? this.#withBFrames : 'pass', reason };
  }

  /** Pictures that follow are of this format. True when they are of another codec than those before. */
  adopt(format: PictureFormat): boolean {
    const isOtherCodec = this.#format?.info.codec !== format.info.codec;
    // Sets that change with each group, and do not say, take nothing back that was seen: the encoder is the same one.
    const goesOn = !isOtherCodec && format.bFrames.present === null && this.#bFrames.present === true;
    this.#format = format;
    if (!goesOn) this.#bFrames = format.bFrames;
    this.#longest = 0;
    if (isOtherCodec) this.#entries = noEntryPoints;
    return isOtherCodec;
  }

  see({ start, mediaMs, compositionTimeMs, hasB, data }: Picture): void {
    this.#longest = Math.max(this.#longest, Math.ceil(data.length / this.#packetBytes));
    this.#bFrames = seeFrame(this.#bFrames, { compositionTimeMs, hasB });
    if (this.#hasGlancedEntry) this.#entries = { ...this.#entries, entryMs: mediaMs, recoveries: 0 };
    this.#hasGlancedEntry = false;
    if (start !== null) this.#entries = seeStart(this.#entries, start, mediaMs);
  }

  /** A picture that browsers can begin with came, and is not seen now. */
  glancedEntry(): void {
    this.#hasGlancedEntry = this.#entries.canBegin;
  }
}

function isTooLarge({ info }: PictureFormat): boolean {
  return Math.max(info.width, info.height) > mostEdge;
}
