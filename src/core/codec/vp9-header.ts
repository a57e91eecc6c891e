/** VP9's uncompressed header (VP9 Bitstream & Decoding Process section 6.2), and its configuration record in MP4. */
import { createByteReader } from '../bytes/byte-reader.js';
import { WireError } from '../bytes/wire-error.js';
import { type BitReader, createBitReader } from './bit-reader.js';

export interface Vp9Header {
  /** 0: 8 bits 4:2:0; 1: 8 bits; 2: 10 or 12 bits 4:2:0; 3: 10 or 12 bits. */
  readonly profile: number;
  readonly keyFrame: boolean;
  /** Of a key frame, in luma samples; null of any other. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

export interface Vp9Config {
  readonly profile: number;
  /** Ten times the level: 31 is level 3.1; 0 is unknown. */
  readonly level: number;
  /** 8, 10 or 12. */
  readonly bitDepth: number;
}

const where = 'vp9.header';
/** All of a key frame's header as far as the size; compressed data follow. */
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
  if (showsExisting || reader.flag()) return { profile, keyFrame: false, size: null };
  // show_frame and error_resilient_mode.
  reader.skip(2);
  if (reader.bits(24) !== syncCode) throw new WireError(where, 'a key frame without its sync code');
  skipColours(reader, profile);
  const width = reader.bits(16) + 1;
  return { profile, keyFrame: true, size: { width, height: reader.bits(16) + 1 } };
}

/** color_config, section 6.2.2. */
function skipColours(reader: BitReader, profile: number): void {
  if (profile >= 2) reader.skip(1);
  const hasSubsampling = profile === 1 || profile === 3;
  if (reader.bits(3) !== rgb) reader.skip(hasSubsampling ? 4 : 1);
  else if (hasSubsampling) reader.skip(1);
  else throw new WireError(where, 'RGB in a profile of 4:2:0');
}

/**
 * VPCodecConfigurationRecord (VP Codec ISO Media File Format Binding section 3), with or without the version and flags
 * of its box: Enhanced RTMP does not say, and FFmpeg writes them. Throws WireError on anything else.
 */
export function parseVp9Config(data: Uint8Array): Vp9Config {
  const reader = createByteReader(data, 'vp9.config');
  // A bare record that begins so would mean samples of no bits.
  const isBox = data.length >= 12 && data[0] === 1 && data[1] === 0 && data[2] === 0 && data[3] === 0;
  if (isBox) reader.bytes(4);
  const profile = reader.u8();
  const level = reader.u8();
  const bitDepth = reader.u8() >> 4;
  if (profile > 3) throw new WireError('vp9.config', `profile ${profile}`);
  if (bitDepth !== 8 && bitDepth !== 10 && bitDepth !== 12) throw new WireError('vp9.config', `${bitDepth} bits`);
  return { profile, level, bitDepth };
}
