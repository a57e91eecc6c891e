import type { SourceVideo } from './codec-profile.js';

export interface MediaInfo {
  readonly video: (SourceVideo & { readonly width: number; readonly height: number }) | null;
  /** `codec` as the source sends it; viewers get Opus. */
  readonly audio: { readonly codec: string; readonly sampleRateHz: number; readonly channels: number } | null;
}
