import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockSize, parseStamp, stampBlocks } from '../../../../actors/demo/stamp.js';
import { createTestPattern, flashMs } from '../../../../actors/demo/test-pattern.js';

const width = 640;
const height = 360;
const minute = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Stamp as a program reads it: luma in the middle of each block. */
const stampOf = (frame: Buffer): number | null => {
  const size = blockSize(width);
  const middle = Math.floor(size / 2);
  return parseStamp(
    Array.from({ length: stampBlocks }, (_, n) => (frame[middle * width + n * size + middle] ?? 0) > 128),
  );
};

test('a frame says its time in blocks', () => {
  const frame = createTestPattern(width, height);
  assert.equal(stampOf(frame.draw(minute + 678)), (minute + 678) % 2 ** 36);
  assert.equal(stampOf(frame.draw(minute + 679)), (minute + 679) % 2 ** 36);
});

test('a frame has a luma plane and two chroma planes of half the size', () => {
  assert.equal(createTestPattern(width, height).draw(minute).length, (width * height * 3) / 2);
});

test('the square is white while the beep sounds, black for the rest of the second', () => {
  const frame = createTestPattern(width, height);
  const stripTop = Math.floor(height * 0.8);
  const side = Math.floor(height * 0.15);
  const at = (stripTop + side / 2) * width + width - side / 2 - Math.floor(height * 0.05);
  assert.equal(frame.draw(minute)[at], 235);
  assert.equal(frame.draw(minute + flashMs - 1)[at], 235);
  assert.equal(frame.draw(minute + flashMs)[at], 16);
});

test('the bars move, colours and luma together', () => {
  const frame = createTestPattern(width, height);
  const first = Buffer.from(frame.draw(minute));
  const second = frame.draw(minute + 500);
  const line = 60;
  const moved = 60;
  const chroma = width * height + (line / 2) * (width / 2);
  for (let x = 0; x < 500; x += 20) {
    assert.equal(second[line * width + x], first[line * width + x + moved]);
    assert.equal(second[chroma + x / 2], first[chroma + (x + moved) / 2]);
  }
  assert.notDeepEqual(second, first);
});
