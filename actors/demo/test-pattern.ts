/**
 * The demo's frames: colour bars that move, the time of day in UTC to the millisecond, the same as a row of blocks
 * (stamp.ts), a bar that crosses in each second, and a white square that flashes with the beep. Planar YUV 4:2:0.
 */
import { drawText, glyphHeight, textWidth } from './font.js';
import { blockSize, formatStamp } from './stamp.js';

/** How long the square is white and the beep sounds, from the full second on. */
export const flashMs = 100;

const black = 16;
const grey = 60;
const white = 235;
/** Luma, U and V of the bars (75 %, ITU-R BT.601). */
const bars = [
  [180, 128, 128],
  [162, 44, 142],
  [131, 156, 44],
  [112, 72, 58],
  [84, 184, 198],
  [65, 100, 212],
  [35, 212, 114],
] as const;
const pixelsPerSecond = 120;

export interface TestPattern {
  /** The frame of that moment, valid until the next call: luma plane, then U and V at half size, without padding. */
  draw(wallMs: number): Buffer;
}

interface Plane {
  readonly bytes: Uint8Array;
  readonly width: number;
}

/** `width` and `height` in pixels, both even, at least 320 x 180. */
export function createTestPattern(width: number, height: number): TestPattern {
  const frame = Buffer.alloc((width * height * 3) / 2, 128);
  const [luma, ...chroma] = planesOf(frame, width, height);
  const still = Buffer.from(frame);
  const barsTop = 2 * Math.ceil(blockSize(width) / 2);
  const barsEnd = 2 * Math.floor((height * 0.42) / 2);
  const scale = Math.max(1, Math.floor((width * 0.94) / textWidth('00:00:00.000')));
  const clockTop = Math.floor(height * 0.5);
  const stripTop = Math.floor(height * 0.8);
  const stripHeight = Math.floor(height * 0.15);
  const flashLeft = width - stripHeight - Math.floor(height * 0.05);

  still.fill(black, 0, width * height);
  label(planesOf(still, width, height)[0], width, Math.floor(height * 0.445));
  fill(planesOf(still, width, height)[0], 0, stripTop, width, stripHeight, grey);
  const bands = [createBand(width, 0), createBand(width / 2, 1), createBand(width / 2, 2)] as const;

  const scroll = (wallMs: number): void => {
    const shift = 2 * Math.floor((wallMs * pixelsPerSecond) / 2000);
    copyBand(luma, bands[0], shift % width, barsTop, barsEnd);
    chroma.forEach((plane, n) => {
      const band = bands[n + 1];
      if (band !== undefined) copyBand(plane, band, (shift / 2) % plane.width, barsTop / 2, barsEnd / 2);
    });
  };

  const draw = (wallMs: number): Buffer => {
    still.copy(frame);
    scroll(wallMs);
    const size = blockSize(width);
    formatStamp(wallMs).forEach((isSet, n) => {
      if (isSet) fill(luma, n * size, 0, size, size, white);
    });
    const clock = new Date(wallMs).toISOString().slice(11, 23);
    text(luma, clock, Math.floor((width - textWidth(clock) * scale) / 2), clockTop, scale, white);
    const intoSecondMs = wallMs % 1000;
    const handWidth = Math.floor(width / 40);
    const handLeft = Math.floor((intoSecondMs / 1000) * (flashLeft - handWidth - 8));
    fill(luma, handLeft, stripTop, handWidth, stripHeight, white);
    fill(luma, flashLeft, stripTop, stripHeight, stripHeight, intoSecondMs < flashMs ? white : black);
    return frame;
  };
  return { draw };
}

function planesOf(frame: Buffer, width: number, height: number): readonly [Plane, Plane, Plane] {
  const size = width * height;
  return [
    { bytes: frame.subarray(0, size), width },
    { bytes: frame.subarray(size, size + size / 4), width: width / 2 },
    { bytes: frame.subarray(size + size / 4), width: width / 2 },
  ];
}

function fill(plane: Plane, left: number, top: number, width: number, height: number, value: number): void {
  for (let y = top; y < top + height; y += 1) {
    const at = y * plane.width + left;
    plane.bytes.fill(value, at, at + width);
  }
}

function text(plane: Plane, words: string, left: number, top: number, scale: number, value: number): void {
  drawText(words, (column, row) => fill(plane, left + column * scale, top + row * scale, scale, scale, value));
}

function label(luma: Plane, width: number, bottom: number): void {
  const scale = Math.max(1, Math.floor(width / 320));
  const words = 'SLUICE DEMO   UTC';
  text(luma, words, Math.floor((width - textWidth(words) * scale) / 2), bottom - scale, scale, 150);
  if (bottom < glyphHeight * scale) throw new RangeError('the frame is too small for its label');
}

/** One line of all bars, twice over, so that any shift of it is one piece. */
function createBand(width: number, component: 0 | 1 | 2): Uint8Array {
  return Uint8Array.from({ length: 2 * width }, (_, x) => {
    const bar = bars[Math.floor(((x % width) * bars.length) / width)];
    return bar?.[component] ?? 128;
  });
}

function copyBand(plane: Plane, band: Uint8Array, shift: number, top: number, end: number): void {
  const line = band.subarray(shift, shift + plane.width);
  for (let y = top; y < end; y += 1) plane.bytes.set(line, y * plane.width);
}
