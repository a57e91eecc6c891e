/** What is sent of the audio, whatever its encoding, and what was lost before it could be sent. */

/** One RTP payload of audio and its place in time. */
export interface AudioPacket {
  readonly data: Uint8Array;
  /**
   * Continuous and never wrapping: media time in ms times 48 for the audio that the packet decodes to. It grows by the
   * samples of each packet, and by more only over a hole. RTP time is this, at the clock rate of its encoding.
   */
  readonly ts48k: number;
  /** Of 48 kHz. */
  readonly samples: number;
}

export interface AudioCounts {
  /** Frames that did not decode, or were none. */
  decodeErrors: number;
  /** Holes of the source that were jumped over. */
  jumps: number;
  /** Frames left out because the count of samples was ahead of the source's stamps. */
  dropped: number;
}
