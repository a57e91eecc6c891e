/**
 * Types only: what the main thread and the thread that writes all recordings say to each other. Fragments come to the thread
 * straight from the streams' threads, over the ports that it is given.
 */
import type { MessagePort } from 'node:worker_threads';
import type { KeyframePoint, RecordingPart } from '../../src/core/recording/part.js';
import type { Rotation } from '../../src/core/recording/rotation.js';
import type { ErrorCode } from '../../src/errors.js';

/** What the worker is born with (`workerData`). */
export interface RecorderBoot {
  /** Heartbeat block: src/core/supervise/beat-block.ts. */
  readonly beat: SharedArrayBuffer;
  readonly main: MessagePort;
  /** Absolute. */
  readonly folder: string;
  /** Of fragments that wait for the disk, in all. */
  readonly maxQueueBytes: number;
  /** With less room on the disk nothing is written. */
  readonly minFreeBytes: number;
}

export interface RecordingRequest {
  readonly recordingId: string;
  readonly streamName: string;
  readonly mediaSessionId: string;
  readonly template: string;
  readonly rotation: Rotation;
}

export type ToRecorder =
  | { readonly kind: 'start'; readonly request: RecordingRequest }
  /** The stream's fragments, again after each restart of its thread. */
  | { readonly kind: 'feed'; readonly recordingId: string; readonly port: MessagePort }
  /** Answered by `stopped`. */
  | { readonly kind: 'stop'; readonly recordingId: string }
  /** Deletes a part that is not being recorded. Answered by `removed`. */
  | { readonly kind: 'remove'; readonly partId: string; readonly fileName: string | null }
  /** Ends all recordings; the thread then ends by itself. */
  | { readonly kind: 'close' };

/** Why nothing is written now; null: all is well. */
export type RecordingTrouble = { readonly code: ErrorCode; readonly detail: string } | null;

export type FromRecorder =
  /** What an earlier process left; the first message. */
  | { readonly kind: 'found'; readonly parts: readonly RecordingPart[] }
  /** It was begun, has grown (once a second at most), or is recorded. */
  | { readonly kind: 'part'; readonly part: RecordingPart }
  /** Keyframes that were written since the last such message. */
  | {
      readonly kind: 'points';
      readonly partId: string;
      readonly initBytes: number;
      readonly points: readonly KeyframePoint[];
    }
  | { readonly kind: 'trouble'; readonly recordingId: string; readonly trouble: RecordingTrouble }
  /** The port of its fragments is closed. */
  | { readonly kind: 'feedEnded'; readonly recordingId: string }
  | { readonly kind: 'stopped'; readonly recordingId: string }
  | { readonly kind: 'removed'; readonly partId: string }
  /** Twice a second while there are recordings. */
  | ({ readonly kind: 'load' } & RecorderLoad);

export interface RecorderLoad {
  /** Of fragments that wait for the disk. */
  readonly queuedBytes: number;
  /** Left out because the disk was too slow. */
  readonly droppedFragments: number;
  /** On the disk; null: not known. */
  readonly freeBytes: number | null;
}
