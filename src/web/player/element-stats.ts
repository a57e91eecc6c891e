/** Statistics of what a video element plays by itself, without a peer connection. */
import type { PlaybackStats } from '../playback-stats.js';

interface ElementStats {
  /** Since the call before; null for the first. */
  read(): PlaybackStats | null;
}

interface Media {
  readonly video: HTMLVideoElement;
  /** So far. */
  readonly receivedBytes: () => number;
  readonly codecs: () => readonly string[];
  readonly signal: AbortSignal;
}

export function createElementStats({ video, receivedBytes, codecs, signal }: Media): ElementStats {
  let before: { readonly atMs: number; readonly bytes: number; readonly frames: number } | null = null;
  let hasPlayed = false;
  let freezes = 0;
  let frozenMs = 0;
  let frozenSinceMs: number | null = null;
  const onDry = (): void => {
    if (!hasPlayed) return;
    freezes += 1;
    frozenSinceMs = performance.now();
  };
  const onPlaying = (): void => {
    hasPlayed = true;
    if (frozenSinceMs !== null) frozenMs += performance.now() - frozenSinceMs;
    frozenSinceMs = null;
  };
  video.addEventListener('waiting', onDry, { signal });
  video.addEventListener('playing', onPlaying, { signal });
  // Its frames are counted since the element is there, those of other ways too.
  const { totalVideoFrames: framesAtStart, droppedVideoFrames: droppedAtStart } = video.getVideoPlaybackQuality();

  return {
    read() {
      const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
      const now = { atMs: performance.now(), bytes: receivedBytes(), frames: totalVideoFrames };
      const last = before;
      before = now;
      if (last === null) return null;
      const seconds = (now.atMs - last.atMs) / 1000;
      const figures = {
        width: video.videoWidth,
        height: video.videoHeight,
        framesPerSecond: Math.max(0, now.frames - last.frames) / seconds,
        bitrateKbps: Math.max(0, now.bytes - last.bytes) / 125 / seconds,
        // TCP repairs it, and says nothing of it.
        lossFraction: 0,
        jitterMs: 0,
        roundTripMs: null,
        delayMs: null,
        framesDropped: Math.max(0, droppedVideoFrames - droppedAtStart),
        freezes,
        frozenMs,
      };
      const framesDecoded = Math.max(0, totalVideoFrames - framesAtStart);
      const report = { framesDecoded, codec: codecs().join(', '), decoder: '', protocol: 'tcp', candidate: '' };
      return { ...figures, codecs: codecs(), report: { ...figures, ...report } };
    },
  };
}
