import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MediaInfo } from '../../../../src/core/codec/media-info.js';
import { parseOffer } from '../../../../src/core/sdp/parse-offer.js';
import { playedMedia, takenMedia } from '../../../../src/core/sdp/played-media.js';
import { chromiumOffer, withMedia } from '../../../support/viewer/offers.js';

const source: MediaInfo = {
  video: { codec: 'H264', width: 1280, height: 720, profileLevelId: '42c01f' },
  audio: { codec: 'AAC', sampleRateHz: 44_100, channels: 1 },
};
const noWish = { width: null, height: null, bitrateKbps: null, quality: null };
const played = (sdp = chromiumOffer, media: MediaInfo = source, wish: Partial<typeof noWish> | object | null = null) =>
  playedMedia(takenMedia(parseOffer(sdp)), media, wish === null ? null : { ...noWish, ...wish });

test('a stream is named by its video, and by what its audio is sent as', () => {
  assert.deepEqual(played(), { video: { codec: 'H264', width: 1280, height: 720 }, audio: { codec: 'opus' } });
  const withoutOpus = chromiumOffer.replaceAll('opus/48000/2', 'other/48000/2');
  assert.deepEqual(played(withoutOpus).audio, { codec: 'PCMU' });
  assert.equal(played(withoutOpus.replaceAll(/PCM[AU]\/8000/g, 'other/8000')).audio, null);
});

test('a track that the source or the offer lacks is not played', () => {
  assert.equal(played(withMedia(chromiumOffer, [0])).video, null);
  assert.equal(played(withMedia(chromiumOffer, [1])).audio, null);
  assert.deepEqual(played(chromiumOffer, { video: null, audio: null }), { video: null, audio: null });
});

test('a wish changes the size by the ratio of the source', () => {
  assert.deepEqual(played(chromiumOffer, source, { width: 320, height: 240 }).video, {
    codec: 'H264',
    width: 320,
    height: 240,
  });
  assert.equal(played(chromiumOffer, source, { width: 321 }).video?.height, 180);
  assert.equal(played(chromiumOffer, source, { height: 360 }).video?.width, 640);
  assert.equal(played(chromiumOffer, source, { bitrateKbps: 300 }).video?.width, 1280);
});
