/** How long an Opus packet plays: its TOC byte and count of frames (RFC 6716 3.1 and 3.2). */

/** Samples of 48 kHz in one frame, by the configuration number (table 2). */
const frameSamples = [
  480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 480, 960, 120, 240, 480, 960, 120, 240,
  480, 960, 120, 240, 480, 960, 120, 240, 480, 960,
];
/** 120 ms (requirement R5). */
const maxSamples = 5760;
const maxFrameBytes = 1275;

export interface OpusPacketInfo {
  /** At 48 kHz. */
  readonly samples: number;
  readonly channels: 1 | 2;
}

/** Null for bytes that cannot be an Opus packet (requirements R1 to R7, as far as the first two bytes show). */
export function readOpusPacket(data: Uint8Array): OpusPacketInfo | null {
  const toc = data[0];
  if (toc === undefined) return null;
  const frames = countFrames(data, toc & 3);
  const samples = frames * (frameSamples[toc >> 3] ?? 0);
  if (frames === 0 || samples > maxSamples || data.length > 4 + frames * (maxFrameBytes + 2)) return null;
  return { samples, channels: (toc & 4) === 0 ? 1 : 2 };
}

/** 0 for what is malformed. */
function countFrames(data: Uint8Array, code: number): number {
  const second = data[1];
  switch (code) {
    case 0:
      return data.length - 1 > maxFrameBytes ? 0 : 1;
    case 1:
      return data.length % 2 === 1 ? 2 : 0;
    case 2:
      return second === undefined ? 0 : 2;
    default:
      return second === undefined ? 0 : second & 63;
  }
}
