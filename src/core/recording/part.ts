/** What is known of one part of a recording: one file. Plain data: it crosses thread boundaries, and lies as JSON beside the file. */
export interface RecordingPart {
  /** A UUID; of this the names of working files are made, and nothing else. */
  readonly partId: string;
  /** All parts of one recording have it. */
  readonly recordingId: string;
  /** From 1. */
  readonly number: number;
  readonly streamName: string;
  /** The pull's id. */
  readonly mediaSessionId: string;
  readonly template: string;
  /** recording: fragments are added; recorded: it waits to be finished; finished: it has its name, and its index in front. */
  readonly state: 'recording' | 'recorded' | 'finished';
  /** Once it is finished: its name in the folder of recordings. */
  readonly fileName: string | null;
  /** UTC. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  readonly width: number;
  readonly height: number;
}

/** Where a keyframe begins in the file of a part, and in its time. */
export interface KeyframePoint {
  readonly offset: number;
  readonly atMs: number;
}
