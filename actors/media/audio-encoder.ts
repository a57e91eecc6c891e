/** 20 ms at 48 kHz: the packet that WebRTC players expect (RFC 7587 4.2, RFC 3551 4.2). */
export const packetSamples = 960;

/** Whole frames of 48 kHz stereo in, a payload for each out; call it inside `inNative` only. */
export interface AudioEncoder {
  /** Of each channel in one frame, of 48 kHz. */
  readonly frameSamples: number;
  /** Samples of 48 kHz by which the output lies behind the input. */
  readonly lookaheadSamples: number;
  /** `pcm`: a frame of two interleaved channels. Null where FFmpeg gave nothing for them. */
  encode(pcm: Float32Array): Uint8Array | null;
  close(): void;
}
