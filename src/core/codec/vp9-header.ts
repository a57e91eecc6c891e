/** VP9's uncompressed header (VP9 Bitstream & Decoding Process section 6.2). */
import { WireError } from '../bytes/wire-error.js';
import { type BitReader, createBitReader } from './bit-reader.js';

export interface Vp9Header {
  /** 0: 8 bits 4:2:0; 1: 8 bits; 2: 10 or 12 bits 4:2:0; 3: 10 or 12 bits. */
  readonly profile: number;
  readonly isKeyframe: boolean;
  /** Of a keyframe, in luma samples; null of any other. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

const where = 'vp9.header';
/** All of a keyframe's header as far as the size; compressed data follow. */
const headBytes = 16;
const syncCode = 0x49_83_42;
const rgb = 7;

/** `data`: a frame, or a superframe, whose first frame then speaks. Throws WireError on bytes that are neither. */
export function parseVp9Header(data: Uint8Array): Vp9Header {
  const reader = createBitReader(data.subarray(0, headBytes), where);
  if (reader.bits(2) !== 2) throw new WireError(where, 'no frame marker');
  const profile = reader.bits(1) + reader.bits(1) * 2;
  if (profile === 3 && reader.flag()) throw new WireError(where, 'a reserved profile');
  const showsExisting = reader.flag();
  if (showsExisting || reader.flag()) return { profile, isKeyframe: false, size: null };
  // show_frame and error_resilient_mode.
  reader.skip(2);
  if (reader.bits(24) !== syncCode) throw new WireError(where, 'a keyframe without its sync code');
  skipColours(reader, profile);
  const width = reader.bits(16) + 1;
  return { profile, isKeyframe: true, size: { width, height: reader.bits(16) + 1 } };
}

/** color_config, section 6.2.2. */
function skipColours(reader: BitReader, profile: number): void {
  if (profile >= 2) reader.skip(1);
  const hasSubsampling = profile === 1 || profile === 3;
  if (reader.bits(3) !== rgb) reader.skip(hasSubsampling ? 4 : 1);
  else if (hasSubsampling) reader.skip(1);
  else throw new WireError(where, 'RGB in a profile of 4:2:0');
}
