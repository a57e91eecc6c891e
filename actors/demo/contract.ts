/** Types only: what the main thread and the demo's thread say to each other, over the worker's own channel. */
import type { ErrorCode } from '../../src/errors.js';

/** What the worker is born with (`workerData`). */
export interface DemoBoot {
  /** Heartbeat block: src/core/supervise/beat-block.ts says which word is which. */
  readonly beat: SharedArrayBuffer;
  /** Of the RTMP origin on 127.0.0.1; 0: any free one. */
  readonly port: number;
  /** Pixels, even. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/** From the main thread: end by yourself, with exit code 0. */
export type DemoOrder = 'stop';

export type DemoEvent =
  | { readonly kind: 'up'; readonly port: number }
  /** It cannot start; the thread then ends by itself. media.unavailable: nor can another one. */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly detail: string };
