/** Counts the viewers of each encoding of the audio: an encoding without any is not made. */
import { type AudioEncoding, audioEncodings, ofEachEncoding } from '../../src/core/codec/audio-encoding.js';

export interface AudioListenersOptions {
  /** An encoding that nobody hears yet begins so long after its first listener: its video goes first, for to load FFmpeg takes as
   * long as to send a GOP. */
  readonly afterMs: number;
  /** The encodings that somebody hears, whenever they change. */
  readonly onWanted: (wanted: ReadonlySet<AudioEncoding>) => void;
}

/** One viewer's part in it. */
export interface AudioListener {
  /** Its transport is connected, and this is what it is sent; null: no audio. */
  hear(encoding: AudioEncoding | null): void;
  leave(): void;
}

/** Makes listeners, who hear nothing yet. */
export function createAudioListeners({ afterMs, onWanted }: AudioListenersOptions): () => AudioListener {
  const counts: Record<AudioEncoding, number> = { ...ofEachEncoding(() => 0) };
  const heard = (): readonly AudioEncoding[] => audioEncodings.filter((encoding) => counts[encoding] > 0);
  const change = (encoding: AudioEncoding, by: 1 | -1): void => {
    const was = heard();
    counts[encoding] += by;
    const now = heard();
    if (was.length !== now.length) onWanted(new Set(now));
  };

  return () => {
    let hears: AudioEncoding | null = null;
    let timer: NodeJS.Timeout | undefined;
    const begin = (encoding: AudioEncoding): void => {
      hears = encoding;
      change(encoding, 1);
    };
    return {
      hear(encoding) {
        if (encoding === null || hears !== null) return;
        if (counts[encoding] > 0) begin(encoding);
        else timer ??= setTimeout(begin, afterMs, encoding);
      },
      leave() {
        clearTimeout(timer);
        if (hears !== null) change(hears, -1);
        hears = null;
      },
    };
  };
}
