/** Counts the viewers of each encoding of the audio: an encoding without any is not made. */
import { type AudioEncoding, audioEncodings, ofEachEncoding } from '../../src/core/codec/audio-encoding.js';

export interface AudioListeners {
  /** A viewer hears `next` in place of `before`; null: nothing. */
  change(before: AudioEncoding | null, next: AudioEncoding | null): void;
}

/** `onWanted`: the encodings that somebody hears, whenever they change. */
export function createAudioListeners(onWanted: (wanted: ReadonlySet<AudioEncoding>) => void): AudioListeners {
  const counts: Record<AudioEncoding, number> = { ...ofEachEncoding(() => 0) };
  const heard = (): readonly AudioEncoding[] => audioEncodings.filter((encoding) => counts[encoding] > 0);
  return {
    change(before, next) {
      const was = heard();
      if (before !== null) counts[before] -= 1;
      if (next !== null) counts[next] += 1;
      const now = heard();
      if (was.join() !== now.join()) onWanted(new Set(now));
    },
  };
}
