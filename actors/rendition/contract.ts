/**
 * Types only: what a stream actor and one of its renditions say to each other, over a port to a thread, or a socket to a
 * process. To a thread bytes are handed over, never copied. Both are the main thread's children, not the actor's: Node ends
 * nested workers with their parent wherever they are, and inside node-av that aborts the process.
 */
import type { MessagePort } from 'node:worker_threads';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import type { ErrorCode } from '../../src/errors.js';
import type { RenditionWish } from '../media/rendition-output.js';
import type { TranscodedFrame } from '../media/video-transcoder.js';

/** What the process is told first, by its channel to the main thread. */
export interface RenditionProcessBoot {
  readonly wish: RenditionWish;
  /** Where it listens for its actor, and what the actor begins with. */
  readonly path: string;
  readonly token: Uint8Array;
}

/** What the worker is born with (`workerData`). */
export interface RenditionBoot {
  readonly wish: RenditionWish;
  /** Heartbeat block: src/core/supervise/beat-block.ts. */
  readonly beat: SharedArrayBuffer;
  /** To the actor; when the actor is gone it closes, and the thread ends. */
  readonly media: MessagePort;
  /** Carries no messages: it closes when the actor is gone, or cannot be ended and is abandoned. */
  readonly actorLife: MessagePort;
}

export type ToRendition =
  /** Frames presented up to `shownAfter90k` are decoded only: who watches has been shown later ones. */
  | { readonly kind: 'configure'; readonly config: VideoConfig; readonly shownAfter90k: number }
  | {
      readonly kind: 'unit';
      readonly data: Uint8Array;
      readonly isKeyframe: boolean;
      readonly pts90k: number;
      /** False: decoded only, so that later frames can be. */
      readonly isShown: boolean;
    }
  | { readonly kind: 'bitrate'; readonly kbps: number }
  | { readonly kind: 'stop' };

export type FromRendition =
  /** One `unit` message is done with; what came out of it, in order of presentation. */
  | {
      readonly kind: 'done';
      readonly frames: readonly TranscodedFrame[];
      /** False: the decoder refused it, or found fault with it. */
      readonly isIntact: boolean;
      readonly tookMs: number;
    }
  /**
   * The thread is of no use: the codec could not be opened for this configuration, or gave up (internal), or FFmpeg is
   * missing here (media.unavailable; the thread then ends by itself).
   */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly detail: string };
