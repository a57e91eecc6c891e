/**
 * Where each frame of audio begins in a container. The samples are counted, as a decoder plays them; stamps of whole
 * milliseconds would overlap and leave holes. The count follows the stamps slowly, so that audio stays with the video for hours.
 */
import { createPassClock, type PassClock } from '../timeline/pass-clock.js';

export interface AudioTimes {
  /**
   * Media time in ms, later than the last one's; null where the frame is left out because the count is far ahead.
   *
   * @param mediaMs the stamp on the media timeline; null: it begins where the last one ended.
   */
  place(mediaMs: number | null, durationMs: number): number | null;
}

const per48k = 48;

export function createAudioTimes(): AudioTimes {
  const clock: PassClock = createPassClock(null, 1);
  let lastMs = Number.NEGATIVE_INFINITY;

  return {
    place(mediaMs, durationMs) {
      const stampMs = mediaMs ?? ((clock.next48k ?? 0) - clock.skew48k) / per48k;
      const at48k = clock.place(stampMs, durationMs * per48k);
      if (at48k === null) return null;
      const atMs = (at48k - clock.skew48k) / per48k;
      lastMs = Math.max(atMs, lastMs + durationMs / 2);
      return lastMs;
    },
  };
}
