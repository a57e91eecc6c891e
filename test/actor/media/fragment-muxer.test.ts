/** Each fragment says the times that its sample was given, whatever the sample before it was taken to last. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFragmentMuxer } from '../../../actors/media/fragment-muxer.js';
import { loadNativeAv } from '../../../actors/media/native.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import { findBox } from '../../../src/core/fragments/boxes.js';
import { makeVideoTags, noGuard } from '../../support/media/coded-video.js';

/** ISO/IEC 14496-12 8.8.12. */
function decodeTime(fragment: Uint8Array): number {
  const view = new DataView(fragment.buffer, fragment.byteOffset, fragment.length);
  const [from] = findBox(view, ['moof', 'traf', 'tfdt']) ?? assert.fail('no time');
  return view.getUint8(from) === 1 ? Number(view.getBigUint64(from + 4)) : view.getUint32(from + 4);
}

/** Of its one sample: the last word of the run (8.8.8). */
function compositionOffset(fragment: Uint8Array): number {
  const view = new DataView(fragment.buffer, fragment.byteOffset, fragment.length);
  const [from, to] = findBox(view, ['moof', 'traf', 'trun']) ?? assert.fail('no run');
  assert.ok((view.getUint32(from) & 0x800) !== 0, 'it has none');
  return view.getInt32(to - 4);
}

test('a sample that is earlier than the end of the one before keeps its times, and so do all that follow', async () => {
  const av = await loadNativeAv(noGuard);
  const [setup, first] = (await makeVideoTags({ codec: 'H264', frames: 1 })).map(({ body }) => parseVideoTag(body));
  assert.ok(setup?.kind === 'config' && first?.kind === 'frame');
  const config = { codec: 'H264', extraData: setup.data } as const;
  const muxer = createFragmentMuxer(av, noGuard, {
    video: { config, width: 320, height: 180, isDeep: false, keyframe: first.data },
    audio: null,
  });
  const times = [
    { dts: 900_000, pts: 906_000, duration: 3000 },
    { dts: 903_000, pts: 912_000, duration: 3060 },
    // 90 ticks before the end of the last one.
    { dts: 905_970, pts: 908_970, duration: 3060 },
    { dts: 909_030, pts: 915_000, duration: 3000 },
    // Half a second behind it.
    { dts: 957_000, pts: 960_000, duration: 3000 },
    { dts: 960_000, pts: 969_000, duration: 3000 },
  ];
  const written = times.map((one, n) => {
    const fragment = muxer.write({ track: 'video', data: first.data, isKeyframe: n === 0, ...one });
    const dts = decodeTime(fragment);
    return { dts, pts: dts + compositionOffset(fragment) };
  });
  muxer.close();
  assert.deepEqual(
    written,
    times.map(({ dts, pts }) => ({ dts, pts })),
  );
});
