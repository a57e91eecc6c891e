import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEncoding, encodingKey, type VideoChoice } from '../../../../src/core/codec/video-encoding.js';
import { wishFrom } from '../../../../src/core/wcs/wish.js';

const none = { width: null, height: null, bitrateKbps: null, quality: null };
const choice: VideoChoice = {
  isPlayable: true,
  takesSource: true,
  isSingleNal: false,
  offered: new Set(['H264', 'VP8'] as const),
  wish: null,
};

const cases: readonly (readonly [string, Partial<VideoChoice>, string | null])[] = [
  ['a playable source and no wish', {}, 'source'],
  ['B-frames', { isPlayable: false }, 'H264 *x* * *'],
  ['a codec that the viewer does not take', { takesSource: false }, 'H264 *x* * *'],
  ['a codec that it takes, and nothing else', { offered: new Set(['HEVC'] as const) }, 'source'],
  ['no H264 in the offer', { takesSource: false, offered: new Set(['VP8'] as const) }, 'VP8 *x* * *'],
  ['nothing in the offer that can be made', { takesSource: false, offered: new Set(['AV1'] as const) }, null],
  ['a size', { wish: { ...none, width: 640, height: 360 } }, 'H264 640x360 * *'],
  ['the size of the source', { wish: { ...none, width: 1280 } }, 'H264 1280x* * *'],
  ['a bitrate', { wish: { ...none, bitrateKbps: 500 } }, 'H264 *x* 500 *'],
  ['a quality', { wish: { ...none, quality: 50 } }, 'H264 *x* * 50'],
  ['an empty wish', { wish: none }, 'source'],
];

for (const [what, given, key] of cases) {
  test(`${what}: ${key ?? 'nothing'}`, () => {
    const encoding = chooseEncoding({ ...choice, ...given });
    assert.equal(encoding === null ? null : encodingKey(encoding), key);
  });
}

const wishes: readonly (readonly [unknown, object | null])[] = [
  [{ width: 0, height: 0, bitrate: 0, quality: 0 }, null],
  [{}, null],
  [null, null],
  ['text', null],
  [
    { width: 640, height: 360, bitrate: 500, quality: 50 },
    { width: 640, height: 360, bitrateKbps: 500, quality: 50 },
  ],
  // The pages of WCS that take `resolution` from their address.
  [
    { width: '320', height: '180' },
    { ...none, width: 320, height: 180 },
  ],
  [
    { bitrate: '700.4', quality: '50' },
    { ...none, bitrateKbps: 700, quality: 50 },
  ],
  [{ width: '0', height: '', bitrate: ' 500', quality: '0x10' }, null],
  [{ width: '9'.repeat(1000), height: [320], bitrate: {}, quality: true }, null],
  [{ width: -1, height: 1e9, bitrate: Number.NaN, quality: 101 }, null],
  [{ bitrate: 700.4 }, { ...none, bitrateKbps: 700 }],
];

for (const [argument, wish] of wishes) {
  test(`playStream with ${JSON.stringify(argument)} ${wish === null ? 'wishes nothing' : 'has a wish'}`, () => {
    assert.deepEqual(
      wishFrom((field) => Object(argument)[field]),
      wish,
    );
  });
}
