/**
 * What a player of WCS signalling asks of the video: width, height, bitrate (kbit/s) and quality; 0 is no wish. Pages of
 * WCS that take the size from their address send it as text ("320").
 */
import type { VideoWish } from '../codec/video-encoding.js';

/** Beyond these a wish is a slip, and is left out. */
const limits = { width: [16, 7680], height: [16, 4320], bitrate: [50, 100_000], quality: [1, 100] } as const;

/** 0 for what is no number. */
export function readNumber(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,6}(\.\d{1,6})?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : 0;
}

/** `get`: the value of a field of playStream, of any type. Null where it asks for the stream as it is. */
export function wishFrom(get: (name: string) => unknown): VideoWish | null {
  const wished = (name: keyof typeof limits): number | null => {
    const number = readNumber(get(name));
    const [least, most] = limits[name];
    return number >= least && number <= most ? Math.round(number) : null;
  };
  const wish = {
    width: wished('width'),
    height: wished('height'),
    bitrateKbps: wished('bitrate'),
    quality: wished('quality'),
  };
  return Object.values(wish).every((value) => value === null) ? null : wish;
}
