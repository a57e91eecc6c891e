/** Frame rate and bitrate of a source, over its last seconds: what an encoder is to expect. */
const windowMs = 4000;
const fewestFrames = 10;
const unknown = { fps: 30, bitrateKbps: 2500 };
/** What B-frames and a slow preset saved at the source a fast encoder needs again. */
const headroom = 1.3;
const limits = { fps: [5, 120], bitrateKbps: [300, 12_000] } as const;

const within = (value: number, [min, max]: readonly [number, number]): number =>
  Math.round(Math.max(min, Math.min(max, value)));

/** Of an encoding as good as a source of this rate, null where it is unknown: 300 to 12,000. */
export const encodedKbps = (sourceBps: number | null): number =>
  sourceBps === null ? unknown.bitrateKbps : within((headroom * sourceBps) / 1000, limits.bitrateKbps);

export interface FrameRate {
  see(mediaMs: number, sizeBytes: number): void;
  /** Frames a second, a whole number of 5 to 120; 30 while unknown. */
  readonly fps: number;
  /** For an encoding of the same quality: 300 to 12,000. */
  readonly bitrateKbps: number;
  /** Of the source itself; null while unknown. */
  readonly sourceBps: number | null;
}

export function createFrameRate(): FrameRate {
  let frames: { readonly mediaMs: number; readonly sizeBytes: number }[] = [];
  const seconds = (): number => ((frames.at(-1)?.mediaMs ?? 0) - (frames[0]?.mediaMs ?? 0)) / 1000;
  const isKnown = (): boolean => frames.length >= fewestFrames && seconds() > 0;
  const sourceBps = (): number | null => {
    const bits = frames.reduce((sum, { sizeBytes }) => sum + sizeBytes * 8, 0);
    return isKnown() ? bits / seconds() : null;
  };
  return {
    see(mediaMs, sizeBytes) {
      frames.push({ mediaMs, sizeBytes });
      if (mediaMs - (frames[0]?.mediaMs ?? 0) > 2 * windowMs) {
        frames = frames.filter((frame) => mediaMs - frame.mediaMs <= windowMs);
      }
    },
    get sourceBps() {
      return sourceBps();
    },
    get fps() {
      return isKnown() ? within((frames.length - 1) / seconds(), limits.fps) : unknown.fps;
    },
    get bitrateKbps() {
      return encodedKbps(sourceBps());
    },
  };
}
