/**
 * The ways by which a stream reaches the page: WebRTC first, MSE over WebSocket where no media path is found, LL-HLS last.
 * Types only; each way is a file of its own.
 */
import type { PlaybackStats } from '../playback-stats.js';

export interface PlayRequest {
  /** Of WHEP; the other ways find theirs by it. */
  readonly endpoint: URL;
  readonly token: string | undefined;
  readonly video: HTMLVideoElement;
  /** The player tells the server how it plays. */
  readonly tellsServer: boolean;
  readonly signal: AbortSignal;
  readonly onEvent: (event: StreamEvent) => void;
}

/** What comes beside audio and video. */
export type StreamEvent =
  /** What the source said: captions, cue points, metadata. `atS`: where in the element's time it belongs; null: now. */
  | {
      readonly kind: 'data';
      readonly name: string;
      readonly values: readonly unknown[];
      readonly timestampMs: number;
      readonly atS: number | null;
    }
  /** The source was lost, for this reason; null: it is back. */
  | { readonly kind: 'source'; readonly lost: { readonly code: string; readonly text: string } | null }
  /** What is wrong with the stream now. */
  | { readonly kind: 'alerts'; readonly alerts: readonly StreamAlert[] };

export interface StreamAlert {
  /** Stable: docs/diagnosis.md. */
  readonly code: string;
  readonly status: 'error' | 'warning' | 'info';
  /** For who watches. */
  readonly text: string;
  /** It is not to be seen, or heard; null: it plays. */
  readonly deadTrack: 'video' | 'audio' | null;
}

export interface Playback {
  /** Resolves with the reason, a text, once it has ended. */
  readonly ended: Promise<string>;
  /** Since the call before; null for the first. To be called once a second. */
  readStats(): Promise<PlaybackStats | null>;
  /** Of media, so far. */
  receivedBytes(): Promise<number>;
  close(): void;
}

export interface Transport {
  readonly name: 'webrtc' | 'mse' | 'll-hls' | 'hls';
  /** False: this browser cannot, or the server is not a Sluice. */
  isPossible(request: Pick<PlayRequest, 'endpoint' | 'video'>): boolean;
  /**
   * Resolves when media can flow. Errors: HttpRefusal, which says whether to try again, the same way; any other: the next way is
   * tried.
   */
  open(request: PlayRequest): Promise<Playback>;
}
