/** Pictures that are too large to be decoded here: what they would take of memory is known before a decoder is opened. */
import { WireError } from '../../src/core/bytes/wire-error.js';
import { parseAv1Config, parseAv1Sequence } from '../../src/core/codec/av1-config.js';
import { splitObus } from '../../src/core/codec/av1-obu.js';
import { parseH264Config } from '../../src/core/codec/h264-config.js';
import { parseSps } from '../../src/core/codec/h264-sps.js';
import { parseH265Config } from '../../src/core/codec/h265-config.js';
import { parseH265Sps } from '../../src/core/codec/h265-sps.js';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import type { VideoSize } from '../../src/core/codec/video-encoding.js';
import { SluiceError } from '../../src/errors.js';

/**
 * A decoder holds up to 16 frames (MaxDpbFrames, H.264 A.3.1 h), each of 1.5 bytes a pixel: some 230 MB at the default of
 * media.maxPixels, whatever level the stream claims. Error: media.tooLarge.
 */
export function refuseTooLarge(config: VideoConfig, maxPixels: number): void {
  for (const { width, height } of sizesOf(config)) {
    if (width * height <= maxPixels) continue;
    throw new SluiceError(
      'media.tooLarge',
      `${width}x${height} are more than the ${maxPixels} pixels of media.maxPixels`,
    );
  }
}

/** Those that the configuration names; none where only frames do, or it cannot be read. */
function sizesOf({ codec, extraData }: VideoConfig): readonly VideoSize[] {
  try {
    switch (codec) {
      case 'H264':
        return parseH264Config(extraData).sps.map(parseSps);
      case 'HEVC':
        return parseH265Config(extraData).sps.map(parseH265Sps);
      case 'AV1':
        return splitObus(parseAv1Config(extraData).sequenceHeader ?? new Uint8Array(0)).map(({ payload }) =>
          parseAv1Sequence(payload),
        );
      case 'VP9':
        return [];
    }
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}
