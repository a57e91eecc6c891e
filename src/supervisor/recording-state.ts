/** A recording as it is ordered, while it runs, and its files. Types only. */
import type { RecordingTrouble } from '../../actors/recording/contract.js';
import type { RecordingPart } from '../core/recording/part.js';

/** What is absent is as the configuration says (recordings). */
export interface RecordingOptions {
  /** Of the file's name: core/recording/file-name.ts. */
  readonly template?: string | undefined;
  /** Seconds, or megabytes as `20M`: after them the recording goes on in another file. */
  readonly rotation?: string | undefined;
}

/** A recording that runs. */
export interface RecordingState {
  readonly recordingId: string;
  /** Of the names of its files. */
  readonly template: string;
  /** Why nothing is written now; null: all is well. */
  readonly trouble: RecordingTrouble;
  readonly parts: readonly RecordingPart[];
}

/** A file of a recording. */
export interface RecordedFile {
  /** Absolute. */
  readonly path: string;
  readonly part: RecordingPart;
}
