/** One coded picture of a source, whole, and what its bitstream says of it. */
import type { BFrames } from '../codec/b-frames.js';
import type { MediaInfo } from '../codec/media-info.js';
import type { VideoConfig } from '../codec/video-config.js';

/**
 * Why decoding can begin with a picture. `entry`: nothing before it is needed (IDR; H.265 also CRA and BLA; keyframes of AV1 and
 * VP9), which is what browsers take. `recovery`: a recovery point, or a picture of intra slices alone that the source calls a
 * keyframe: decoders of files begin there, browsers do not. `gradual`: so too, and the picture is whole some frames later.
 */
export type PictureStart = 'entry' | 'recovery' | 'gradual';

/** What pictures are coded by; another object whenever that is something else. */
export interface PictureFormat {
  readonly info: NonNullable<MediaInfo['video']>;
  /** What a decoder is opened with. */
  readonly config: VideoConfig;
  readonly bFrames: BFrames;
  /** How many frames may come before one that is shown earlier; null: not said. */
  readonly reorderFrames: number | null;
  /** What is sent before a picture that decoding can begin with: parameter sets, or a sequence header OBU. */
  readonly setup: readonly Uint8Array[];
}

export interface Picture {
  readonly format: PictureFormat;
  /** As decoders of `format.config` take it: NAL units behind lengths of 4 bytes, OBUs, or a VP9 frame. */
  readonly data: Uint8Array;
  /** The NAL units of `data`; none where the codec has none. */
  readonly nals: readonly Uint8Array[];
  readonly start: PictureStart | null;
  readonly hasB: boolean;
  /** No other picture is predicted from it, as far as that can be seen. */
  readonly isDisposable: boolean;
  /** Decoding time on the media timeline. */
  readonly mediaMs: number;
  /** As the container says it; may be false. */
  readonly compositionTimeMs: number;
}

/** One message of a source, as far as its tag was read. */
export interface VideoMessage {
  readonly data: Uint8Array;
  /** The container's word. */
  readonly isKeyframe: boolean;
  readonly compositionTimeMs: number;
}

/**
 * What a message holds, by a look at it: the beginning of a picture with which decoding can begin, or of any other; a further part
 * of one; or nothing but what stands before one.
 */
export type Glance = PictureStart | 'picture' | 'part' | 'before';

export interface Assembler {
  /** Null while nothing says it. Before the first picture as the sequence header has it. */
  readonly format: PictureFormat | null;
  /** Pictures wait for the next message to show that they are whole. */
  readonly isHolding: boolean;
  /** Pictures that were left out because their parameter sets have not come. */
  readonly missed: number;
  /** A sequence header. What can be read of it counts. Throws WireError where that is nothing. */
  configure(record: Uint8Array): void;
  /**
   * The pictures that are whole by now. `placeMs` gives the decoding time on the media timeline, and is asked once, where a picture
   * begins. Throws WireError where nothing can be made of the message; what came before it stays.
   */
  receive(message: VideoMessage, placeMs: () => number): readonly Picture[];
  /** What waits, as it is: nothing more came for a while. */
  flush(): readonly Picture[];
  /** Changes nothing. Null: it says what was not known, and must be received now. */
  glance(message: VideoMessage): Glance | null;
  /** What follows is of another RTMP session. */
  newSession(): void;
}
