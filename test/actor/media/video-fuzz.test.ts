/**
 * Many damaged frames of every codec that sources send, and damaged configurations, in the way in which a rendition's
 * thread decodes them: it lives, counts them, and shows good frames again from the next keyframe on.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadNativeAv } from '../../../actors/media/native.js';
import type { RenditionWish } from '../../../actors/media/rendition-output.js';
import { createVideoTranscoder } from '../../../actors/media/video-transcoder.js';
import type { SourceCodec } from '../../../src/core/codec/video-codecs.js';
import { SluiceError } from '../../../src/errors.js';
import { makeVideo, noGuard, type VideoMaking } from '../../support/media/coded-video.js';
import { damaged } from '../../support/media/damaged-bytes.js';
import { decodeFrames } from '../../support/media/decoded-video.js';
import { createRandom } from '../../support/random.js';

const seed = 5;
const damagedShare = 0.7;
const gop = 30;
/** With another configuration, damaged where the codec has one, every so many frames. */
const perConfiguration = 100;
const wish: RenditionWish = {
  codec: 'H264',
  width: null,
  height: null,
  bitrateKbps: 1000,
  fps: 30,
  preset: 'ultrafast',
  threads: 1,
  maxNalBytes: null,
  maxPixels: 9_437_184,
};

/** Whole ones count by number: SVT-AV1 else mixes neighbours into a frame. */
const sources: readonly (readonly [SourceCodec, frames: number, Partial<VideoMaking>])[] = [
  ['H264', 2000, { bFrames: 2 }],
  ['HEVC', 600, { bFrames: 2 }],
  ['AV1', 600, { options: { preset: '8', 'svtav1-params': 'lp=1:enable-tf=0' } }],
  ['VP9', 600, {}],
];

for (const [codec, count, making] of sources) {
  test(`${count} frames of ${codec}, most of them damaged, cost themselves only`, async () => {
    const video = await makeVideo({ codec, frames: 2 * gop, gop, ...making });
    const av = await loadNativeAv(noGuard);
    const random = createRandom(seed);
    const open = (extraData: Uint8Array) => createVideoTranscoder(av, noGuard, { codec, extraData }, wish);
    const { data: extraData } = video.config;
    let transcoder = open(extraData);
    let [decodeErrors, refused, at90k] = [0, 0, 0];

    const reopen = (damagedData: Uint8Array): void => {
      decodeErrors += transcoder.decodeErrors;
      transcoder.close();
      try {
        transcoder = open(damagedData);
      } catch (error) {
        assert.ok(error instanceof SluiceError && error.code === 'internal');
        refused += 1;
        transcoder = open(extraData);
      }
    };

    for (let n = 0; n < count; n += 1) {
      if (n % perConfiguration === 0) reopen(extraData.length === 0 ? extraData : damaged(extraData, random));
      if (n % perConfiguration === perConfiguration / 2) reopen(extraData);
      const { data, isKeyframe } = video.frames[n % video.frames.length] ?? assert.fail('no frame');
      at90k += 3000;
      const own = random() < damagedShare ? damaged(data, random) : data;
      transcoder.push({ data: own, isKeyframe, pts90k: at90k });
    }
    decodeErrors += transcoder.decodeErrors;
    assert.ok(decodeErrors > count / 50, `${decodeErrors} of ${count} counted, ${refused} configurations refused`);

    const good = video.frames.map((frame) => ({ ...frame, pts90k: frame.pts90k + at90k + 90_000 }));
    const out = good.flatMap((frame) => transcoder.push(frame));
    transcoder.close();
    const shown = await decodeFrames(out.filter(({ pts90k }) => pts90k >= at90k + 90_000));
    // From the second keyframe on at the latest, less those that the decoder holds.
    assert.deepEqual(
      shown.map(({ number }) => number).filter((number) => number >= gop && number < 2 * gop - 5),
      Array.from({ length: gop - 5 }, (_, n) => gop + n),
    );
  });
}
