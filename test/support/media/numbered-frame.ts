/**
 * Frames that say which they are: each quarter has one of four shades, a digit to the base of 4, under a texture that
 * moves. The number survives any encoder, scaling and rounding.
 */
const darkest = 40;
const step = 48;
const digits = 4;
/** Numbers begin again after so many frames. */
export const numberedFrames = 4 ** digits;

export interface Plane {
  readonly data: Uint8Array;
  /** Bytes from line to line. */
  readonly stride: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** 2: 10 bits in two bytes, the low one first. */
  readonly sampleBytes: 1 | 2;
}

/** Luma and two planes of chroma, of half the size. */
export function paintNumber(planes: readonly Plane[], { width, height, sampleBytes }: Layout, number: number): void {
  for (const [n, { data, stride }] of planes.slice(0, 3).entries()) {
    const [columns, lines] = n === 0 ? [width, height] : [Math.ceil(width / 2), Math.ceil(height / 2)];
    for (let y = 0; y < lines; y += 1) {
      for (let x = 0; x < columns; x += 1) {
        const texture = (x + 3 * (y >> 2) + 2 * number) & 15;
        const shade = n === 0 ? darkest + step * digitOf(number, x, y, width, height) : 110;
        const value = shade + texture;
        if (sampleBytes === 1) data[y * stride + x] = value;
        else {
          data[y * stride + 2 * x] = (value << 2) & 0xff;
          data[y * stride + 2 * x + 1] = value >> 6;
        }
      }
    }
  }
}

/** The number that a luma plane of 8 bits shows, modulo `numberedFrames`. */
export function readNumber({ data, stride }: Plane, width: number, height: number): number {
  const sums = Array.from({ length: digits }, () => 0);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const quarter = quarterOf(x, y, width, height);
      sums[quarter] = (sums[quarter] ?? 0) + (data[y * stride + x] ?? 0);
    }
  }
  return sums.reduce((number, sum, quarter) => {
    // The texture adds 7.5 in the mean.
    const digit = Math.round(((digits * sum) / (width * height) - darkest - 7.5) / step);
    return number + digit * 4 ** quarter;
  }, 0);
}

function digitOf(number: number, x: number, y: number, width: number, height: number): number {
  return (number >> (2 * quarterOf(x, y, width, height))) & 3;
}

function quarterOf(x: number, y: number, width: number, height: number): number {
  return (2 * y < height ? 0 : 2) + (2 * x < width ? 0 : 1);
}
