/**
 * Fragmented MP4 (ISO/IEC 14496-12 section 8.8) as it goes from a stream's muxer to who plays or records it. Plain data: it
 * crosses thread boundaries.
 */

export type FragmentTrack = 'video' | 'audio';

/** Ticks a second of the video track. */
export const videoTimescale = 90_000;

/** What a player must have before the fragments that follow: it replaces the one before. */
export interface InitSegment {
  readonly kind: 'init';
  /** ftyp and moov. */
  readonly data: Uint8Array;
  /** Of RFC 6381, video first: what MediaSource.addSourceBuffer and EXT-X-STREAM-INF take. */
  readonly codecs: readonly string[];
  /** Ticks a second of each track that there is. */
  readonly timescales: Readonly<Partial<Record<FragmentTrack, number>>>;
  /** Names of people: "H264", "AAC". */
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  /** Pixels; 0 without video. */
  readonly width: number;
  readonly height: number;
}

/** One sample of one track: moof and mdat. Its decode time is that of the stream's media timeline. */
export interface Fragment {
  readonly kind: 'fragment';
  readonly track: FragmentTrack;
  readonly data: Uint8Array;
  /** A decoder may begin here; of audio it is never said. */
  readonly isKeyframe: boolean;
  /** Decode time on the media timeline, ms. */
  readonly startMs: number;
  readonly durationMs: number;
}

export type FragmentMessage = InitSegment | Fragment;

/** "video/mp4" also for audio alone: browsers take both. */
export const mimeTypeOf = ({ codecs }: Pick<InitSegment, 'codecs'>): string =>
  `video/mp4; codecs="${codecs.join(',')}"`;
