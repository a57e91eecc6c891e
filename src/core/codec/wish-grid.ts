/**
 * What a viewer asks of the video, on a grid: wishes that hardly differ share a rendition, and nothing is encoded larger than
 * the source is.
 */
import type { VideoSize, VideoWish } from './video-encoding.js';

const heights = [90, 120, 144, 180, 240, 270, 288, 360, 432, 480, 540, 576, 720, 900, 1080, 1440, 2160];
const bitratesKbps = [
  ...[50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 8000],
  ...[10_000, 15_000, 20_000, 30_000, 50_000],
];
const ratios = [21 / 9, 16 / 9, 3 / 2, 4 / 3, 1, 3 / 4, 2 / 3, 9 / 16];
/** Percent. */
const qualityStep = 10;

const noSize = { width: null, height: null };

export const nearestBitrate = (kbps: number): number => nearest(bitratesKbps, kbps);

/** Null: the video of the source as it is. `source`: null while it is not known. */
export function onGrid(wish: VideoWish, source: VideoSize | null): VideoWish | null {
  const bitrateKbps = wish.bitrateKbps === null ? null : nearestBitrate(wish.bitrateKbps);
  const quality = wish.quality === null ? null : Math.max(1, qualityStep * Math.round(wish.quality / qualityStep));
  const { width, height } = sizeOnGrid(wish, source);
  const isNone = width === null && height === null && bitrateKbps === null && (quality === null || quality >= 100);
  return isNone ? null : { width, height, bitrateKbps, quality };
}

function sizeOnGrid(wish: VideoWish, source: VideoSize | null): Pick<VideoWish, 'width' | 'height'> {
  const own = source === null || source.height === 0 ? null : source.width / source.height;
  const { width, height } = wish;
  if (width === null && height === null) return noSize;
  const shape =
    width === null || height === null ? own : nearest(own === null ? ratios : [own, ...ratios], width / height);
  const wanted = height ?? (width ?? 0) / (shape ?? 16 / 9);
  const step = nearest(heights, wanted);
  // A rendition of the source's size is asked for by its bitrate.
  if (source !== null && own !== null && (step >= source.height || step * (shape ?? own) >= source.width))
    return noSize;
  if (shape === null || shape === own) return { width: null, height: step };
  return { width: 2 * Math.round((step * shape) / 2), height: step };
}

/** By ratio: 90 is as far from 60 as from 135. */
function nearest(steps: readonly number[], value: number): number {
  const distance = (step: number): number => Math.abs(Math.log(step / value));
  return steps.reduce((best, step) => (distance(step) < distance(best) ? step : best));
}
