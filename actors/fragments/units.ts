/** What the paths of a stream hand to its fragments: coded frames as the source sent them, each with its place in time. */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import type { VideoConfig } from '../../src/core/codec/video-config.js';

/** The same object for all frames that one decoder takes. */
export interface UnitFormat {
  readonly config: VideoConfig;
  readonly info: NonNullable<MediaInfo['video']>;
  /** Parameter sets as NAL units, where the codec has them. */
  readonly setup: readonly Uint8Array[];
}

export interface VideoUnit {
  readonly track: 'video';
  readonly format: UnitFormat;
  readonly data: Uint8Array;
  readonly isKeyframe: boolean;
  /** Viewers are not shown it (media.bFrames is drop), and no other frame needs it. */
  readonly isLeftOut: boolean;
  /** Media time at which it is decoded and shown. */
  readonly dtsMs: number;
  readonly ptsMs: number;
}

export interface AudioUnit {
  readonly track: 'audio';
  readonly config: AudioConfig;
  readonly data: Uint8Array;
  /** Media time; null: it begins where the last one ended. */
  readonly mediaMs: number | null;
}

export type Unit = VideoUnit | AudioUnit;
