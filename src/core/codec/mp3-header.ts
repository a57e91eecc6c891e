import type { AudioFormat } from './audio-config.js';

/** By the version's two bits: MPEG 2.5, reserved, MPEG 2, MPEG 1 (ISO/IEC 11172-3 section 2.4.2.3, 13818-3). */
const ratesHz = [[11_025, 12_000, 8000], null, [22_050, 24_000, 16_000], [44_100, 48_000, 32_000]];
const singleChannel = 3;

/** What the header of an MPEG audio frame says, layer III and the others; null where none begins here. */
export function readMp3Header(data: Uint8Array): AudioFormat | null {
  const [first = 0, second = 0, third = 0, fourth] = data;
  if (first !== 0xff || second < 0xe0 || fourth === undefined) return null;
  const layer = (second >> 1) & 3;
  const bitrateIndex = third >> 4;
  if (layer === 0 || bitrateIndex === 15) return null;
  const sampleRateHz = ratesHz[(second >> 3) & 3]?.[(third >> 2) & 3];
  return sampleRateHz === undefined ? null : { sampleRateHz, channels: fourth >> 6 === singleChannel ? 1 : 2 };
}
