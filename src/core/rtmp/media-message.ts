/** The track of a message: its RTMP message type (RTMP 1.0 7.1.4, 7.1.5, 7.1.3). */
export type Track = 'audio' | 'video' | 'data';

/** One message of a source's media, as it came. */
export interface MediaMessage {
  readonly track: Track;
  /** 32 bit unsigned, of the source's clock. */
  readonly timestampMs: number;
  /** Of an FLV tag; for `data` an AMF0 or AMF3 message. Never empty. */
  readonly body: Uint8Array;
}
