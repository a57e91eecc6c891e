/** What a source's picture may cost of memory where it is decoded, whatever its sets claim. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inNative, loadNativeAv } from '../../../actors/media/native.js';
import { createVideoDecoder } from '../../../actors/media/video-decoder.js';
import { encodeFlv } from '../../support/source/flv-file.js';

const guard = { enter: () => {}, leave: () => {} };
/** The default of media.maxPixels. */
const maxPixels = 9_437_184;

/** The configuration and the first keyframe. */
function source(size: string, bitstream: readonly string[] = []) {
  const tags = encodeFlv(
    `-f lavfi -i testsrc2=size=${size}:rate=5 -frames:v 1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p`
      .split(' ')
      .concat(bitstream),
  );
  const [config, key] = tags.filter(({ track }) => track === 'video').map(({ body }) => body.subarray(5));
  assert.ok(config !== undefined && key !== undefined);
  return { config: { codec: 'H264', extraData: config } as const, data: key };
}

/** Frames that came out. */
async function decode(
  config: ReturnType<typeof source>['config'],
  data: Uint8Array,
  most = maxPixels,
): Promise<number> {
  const av = await loadNativeAv(guard);
  return inNative(guard, () => {
    const decoder = createVideoDecoder(av, config, 1, most);
    let frames = 0;
    decoder.decode({ data, isKeyframe: true, pts90k: 0 }, () => (frames += 1));
    decoder.flush(() => (frames += 1));
    decoder.close();
    return frames;
  });
}

test('a picture at the limit is decoded, one beyond it refused before a decoder is opened', async () => {
  const { config, data } = source('640x360');
  assert.equal(await decode(config, data, 640 * 360), 1);
  await assert.rejects(decode(config, data, 640 * 360 - 1), {
    code: 'media.tooLarge',
    detail: '640x360 are more than the 230399 pixels of media.maxPixels',
  });
  const large = source('4096x2400');
  await assert.rejects(decode(large.config, large.data), { code: 'media.tooLarge' });
});

test('a picture that only its own sets in band call larger is not decoded, and takes no memory', async () => {
  const small = source('320x180');
  const inBand = source('4096x2400', ['-bsf:v', 'dump_extra=freq=keyframe']);
  // The first of them loads FFmpeg.
  assert.equal(await decode(small.config, small.data), 1);
  const beforeBytes = process.memoryUsage.rss();
  for (let n = 0; n < 20; n += 1) assert.equal(await decode(small.config, inBand.data), 0);
  const tookMb = (process.memoryUsage.rss() - beforeBytes) / 2 ** 20;
  assert.ok(tookMb < 30, `${tookMb} MB`);
});
