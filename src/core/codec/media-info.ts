import type { ErrorCode } from '../../errors.js';
import type { SourceVideo } from './codec-profile.js';

/** A track that the source sends and that nobody can be shown, and why. */
export interface MissingTrack {
  readonly track: 'audio' | 'video';
  readonly code: ErrorCode;
  /** For people; empty where the code says all. */
  readonly detail: string;
}

export interface MediaInfo {
  readonly video: (SourceVideo & { readonly width: number; readonly height: number }) | null;
  /** `codec` as the source sends it; viewers get Opus. */
  readonly audio: { readonly codec: string; readonly sampleRateHz: number; readonly channels: number } | null;
  /** Absent: nothing is missing. */
  readonly missing?: readonly MissingTrack[];
}
