/** What is known of a stream when it is judged. Types only. */
import type { MediaInfo } from '../codec/media-info.js';

/** Of the thread of the stream. */
export interface PathFacts {
  readonly videoRateBps: number;
  readonly audioRateBps: number;
  readonly fps: number;
  /** Of the newest whole GOP; 0: there was none. */
  readonly gopFrames: number;
  /** From keyframe to keyframe, or since the newest where that is longer. */
  readonly keyframeIntervalMs: number;
  readonly bFrames: number;
  /** The source's newest timestamps. */
  readonly videoStampMs: number;
  readonly audioStampMs: number;
  readonly videoPath: 'undecided' | 'pass' | 'reencode' | 'drop' | 'refuse';
  readonly audioPath: 'idle' | 'pass' | 'transcode' | 'unavailable';
  /** In the last minute. */
  readonly reconnects: number;
  readonly jumps: number;
  readonly decodeErrors: number;
  readonly skippedFrames: number;
  readonly blockedDatagrams: number;
  readonly sentDatagrams: number;
  /** Why renditions show nothing, in words. */
  readonly renditionFailures: readonly string[];
  readonly furtherTracks: number;
}

export interface ViewerFacts {
  readonly isConnected: boolean;
  readonly ageMs: number;
  readonly lossFraction: number;
  readonly roundTripMs: number | null;
  /** It asks for keyframes again and again without losing packets. */
  readonly cannotDecode: boolean;
  /** What its player told; null: nothing. */
  readonly report: {
    readonly framesDecoded: number;
    readonly freezes: number;
    readonly delayMs: number | null;
    readonly protocol: string;
    readonly bitrateKbps: number;
    readonly codec: string;
  } | null;
}

export interface StreamFacts {
  readonly isTls: boolean;
  /** WCS's words (ARCHITECTURE.md, The life of a pull). */
  readonly state: string;
  /** Why there is no media (src/error-table.ts); null while all is well. */
  readonly reason: string | null;
  readonly detail: string;
  readonly hasHadMedia: boolean;
  readonly wantsVideo: boolean;
  readonly wantsAudio: boolean;
  readonly playsStandby: boolean;
  readonly media: MediaInfo;
  /** Null: the thread does not answer, or there is none. */
  readonly path: PathFacts | null;
  readonly restarts: number;
  readonly viewers: readonly ViewerFacts[];
  /** Why sessions ended in the last ten minutes (src/error-table.ts), and how many. */
  readonly endings: Readonly<Record<string, number>>;
  /** Addresses that viewers are offered. */
  readonly offeredAddresses: readonly string[];
}

/** One question, answered. */
export interface Check {
  /** Stable, in the order of the bytes: "source.name" comes first. */
  readonly name: string;
  /** `OK`, `UNKNOWN`, or an alert (alerts.ts). */
  readonly code: string;
  readonly status: 'ok' | 'info' | 'warning' | 'error' | 'unknown';
  readonly title: string;
  /** What was seen. */
  readonly evidence: string;
  /** The way out; empty where nothing is to be done. */
  readonly advice: string;
}
