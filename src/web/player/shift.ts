/** Where a player is in time: how far back there is, and how far behind the live edge it plays. */
import { watchTimeShift } from './time-shift.js';

export interface Shift {
  /** 0: live. */
  readonly behindMs: number;
  readonly depthMs: number;
  /** What is played next is so far behind. */
  begin(behindMs: number): void;
  /** Media flow: what is played late from now on is further behind. */
  playing(): void;
  /** Asks the server how far back there is, until `end`. */
  watch(asked: Parameters<typeof watchTimeShift>[0]): void;
  show(): void;
  /** Nothing plays. */
  end(): void;
}

/** Closer to the live edge than this HLS has nothing. */
const leastMs = 3000;

export function createShift(video: HTMLVideoElement, onShow: (depthMs: number, behindMs: number) => void): Shift {
  let wantedMs = 0;
  let depthMs = 0;
  let knownSinceMs = 0;
  let since: { readonly wallMs: number; readonly mediaMs: number } | null = null;
  let watching: AbortController | null = null;

  const behindMs = (): number => {
    if (wantedMs === 0 || since === null) return wantedMs;
    return wantedMs + performance.now() - since.wallMs - (video.currentTime * 1000 - since.mediaMs);
  };
  const show = (): void => onShow(depthMs, behindMs());

  return {
    get behindMs() {
      return behindMs();
    },
    get depthMs() {
      return depthMs;
    },
    begin(nextMs) {
      // All the way back is to the beginning, also of what has grown since it was asked for; shiftedBy bounds it.
      const grownMs = depthMs > 0 && nextMs >= depthMs ? performance.now() - knownSinceMs : 0;
      wantedMs = nextMs < leastMs ? 0 : nextMs + grownMs;
      since = null;
      show();
    },
    playing() {
      since = { wallMs: performance.now(), mediaMs: video.currentTime * 1000 };
      show();
    },
    watch(asked) {
      if (watching !== null) return;
      watching = new AbortController();
      watchTimeShift(asked, watching.signal, (nextMs) => {
        depthMs = nextMs;
        knownSinceMs = performance.now();
        show();
      });
    },
    show,
    end() {
      watching?.abort();
      watching = null;
      [wantedMs, depthMs, since] = [0, 0, null];
      show();
    },
  };
}
