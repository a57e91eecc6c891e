/** One coded frame of a source, whole (ITU-T H.264 3.1; a temporal unit of AV1). */
export interface AccessUnit {
  /** As FLV carries it: NAL units behind lengths, or OBUs, or a VP9 frame. */
  readonly data: Uint8Array;
  readonly isKeyframe: boolean;
  /** A keyframe behind which pictures are whole only some frames later. */
  readonly isGradual?: boolean;
  /** No other frame is predicted from it. */
  readonly isDisposable?: boolean;
  /** Presentation time in 1/90,000 s. */
  readonly pts90k: number;
}
