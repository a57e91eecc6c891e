import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodingFor, profilesToOffer, type StreamVideo } from '../../../../actors/viewers/viewer-encoding.js';
import { encodingKey } from '../../../../src/core/codec/video-encoding.js';
import { answer } from '../../../support/viewer/answers.js';
import { chromiumOffer } from '../../../support/viewer/offers.js';

const h264: StreamVideo = {
  info: { codec: 'H264', width: 1280, height: 720, profileLevelId: '42c01f' },
  isExpected: false,
  isPlayable: true,
  transcoding: true,
  isSparing: false,
};
const hevc: StreamVideo = { ...h264, info: { codec: 'HEVC', width: 1280, height: 720, profileIdc: 1 } };
const wish = { width: 320, height: null, bitrateKbps: null, quality: null };

/** What Chromium, which offers no H.265, gets of the stream. */
function given(stream: StreamVideo, wished: typeof wish | null = null) {
  const { video } = answer(chromiumOffer, { video: profilesToOffer(stream, wished) });
  assert.ok(video !== null);
  return encodingFor(stream, video, wished);
}

test('a playable H.264 stream is given as it is', () => assert.deepEqual(given(h264)?.encoding, { kind: 'source' }));

for (const [what, stream, wished] of [
  ['a codec that the viewer does not take', hevc, null],
  ['B-frames', { ...h264, isPlayable: false }, null],
  ['a wish', h264, wish],
] as const) {
  test(`${what} asks for a rendition, which is refused where transcoding is off`, () => {
    const encoding = given(stream, wished);
    assert.equal(encoding?.encoding.kind, 'rendition');
    assert.equal(encoding?.track.payloadType, given(h264)?.track.payloadType);
    assert.throws(() => given({ ...stream, transcoding: false }, wished), { code: 'media.transcodingDisabled' });
  });
}

test('where memory is short a wish gets the source as it is, and who cannot play that its rendition', () => {
  assert.deepEqual(given({ ...h264, isSparing: true }, wish)?.encoding, { kind: 'source' });
  assert.equal(given({ ...h264, isSparing: true, isPlayable: false }, wish)?.encoding.kind, 'rendition');
  assert.equal(given({ ...hevc, isSparing: true }, wish)?.encoding.kind, 'rendition');
});

test('a viewer of packetization mode 0 alone gets a rendition of its own kind', () => {
  const mode0 = chromiumOffer.replaceAll('packetization-mode=1', 'packetization-mode=0');
  const { video } = answer(mode0, { video: profilesToOffer(h264, null) });
  assert.ok(video !== null);
  const given = encodingFor(h264, video, null)?.encoding;
  assert.ok(given?.kind === 'rendition' && given.codec === 'H264' && given.isSingleNal);
  assert.equal(encodingKey(given), 'H264 mode 0 *x* * *');
});

test('a stream without video offers none', () => assert.deepEqual(profilesToOffer({ ...h264, info: null }, null), []));

test('video that is announced has room in the answer, and is sent as it is when it comes', () => {
  const { video } = answer(chromiumOffer, { video: profilesToOffer({ ...h264, info: null, isExpected: true }, null) });
  assert.ok(video !== null);
  const none: StreamVideo = { ...h264, info: null };
  assert.deepEqual(encodingFor(none, video, null)?.encoding, { kind: 'source' });
  const codecs = [
    h264.info,
    { codec: 'AV1', width: 1280, height: 720, profile: 0 },
    { codec: 'VP9', width: 1, height: 1, profile: 0 },
  ] as const;
  for (const info of codecs)
    assert.deepEqual(encodingFor({ ...h264, info }, video, null)?.encoding, { kind: 'source' });
  assert.equal(encodingFor(hevc, video, null)?.encoding.kind, 'rendition');
});

test('a stream whose codec changes under way goes on under another payload type of the same answer', () => {
  const { video } = answer(chromiumOffer, { video: profilesToOffer(h264, null) });
  const av1: StreamVideo = { ...h264, info: { codec: 'AV1', width: 1280, height: 720, profile: 0 } };
  const before = video === null ? null : encodingFor(h264, video, null);
  const after = video === null ? null : encodingFor(av1, video, null);
  assert.deepEqual(after?.encoding, { kind: 'source' });
  assert.notEqual(after?.track.payloadType, before?.track.payloadType);
  assert.equal(after?.track.ssrc, before?.track.ssrc);
});
