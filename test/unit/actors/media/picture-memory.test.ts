import assert from 'node:assert/strict';
import { test } from 'node:test';
import { picturesOf } from '../../../../actors/media/picture-memory.js';

const decoded = (width: number, height: number, pixelBytes: number) => ({
  width,
  height,
  linesize: [width * pixelBytes, (width * pixelBytes) / 2, (width * pixelBytes) / 2],
});
const small = { width: 16, height: 16 };
const smallBytes = 8 * 16 * 16 * 1.5;

test('small pictures are held as often as H.264 lets a decoder, large ones as their level allows', () => {
  assert.equal(picturesOf(decoded(640, 360, 1), small), 17 * 640 * 360 * 2 + smallBytes);
  assert.equal(picturesOf(decoded(4096, 2176, 1), small), 6 * 4096 * 2176 * 2 + smallBytes);
  assert.equal(picturesOf(decoded(8192, 4320, 1), small), 5 * 8192 * 4320 * 2 + smallBytes);
});

test('samples of two bytes count twice, and the encoder has pictures of its own', () => {
  assert.equal(picturesOf(decoded(640, 360, 2), small), 17 * 640 * 360 * 4 + smallBytes);
  assert.equal(picturesOf(decoded(16, 16, 1), { width: 640, height: 360 }), 17 * 512 + 8 * 640 * 360 * 1.5);
});
