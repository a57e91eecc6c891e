/** What the pictures of a rendition take in FFmpeg, of which V8 knows nothing: counted for the budget of a rendition's thread. */
import type { Frame } from 'node-av/lib';
import type { VideoSize } from '../../src/core/codec/video-encoding.js';

/** MaxDpbMbs of level 5.2, the highest that the default of media.maxPixels lets in (H.264 table A-1), in pixels. */
const maxDpbPixels = 184_320 * 256;
/** MaxDpbFrames (H.264 A.3.1 h), and the picture that is being decoded. */
const maxDpbFrames = 16;
const leastDpbFrames = 4;
/** Of x264 without look-ahead and libvpx in real time: its input, its references, and their half-size copies. */
const encoderFrames = 8;
/** Of YUV 4:2:0 in 8 bits. */
const encodedPixelBytes = 1.5;

/** An upper bound: a stream may use fewer references than its size allows, and chroma has fewer rows than luma. */
export function picturesOf(decoded: Pick<Frame, 'width' | 'height' | 'linesize'>, encoded: VideoSize): number {
  const decodedBytes = decoded.linesize.reduce((sum, bytes) => sum + Math.abs(bytes), 0) * decoded.height;
  const heldFrames = Math.floor(maxDpbPixels / (decoded.width * decoded.height));
  const decoderFrames = 1 + Math.min(maxDpbFrames, Math.max(leastDpbFrames, heldFrames));
  return decoderFrames * decodedBytes + encoderFrames * encodedPixelBytes * encoded.width * encoded.height;
}
