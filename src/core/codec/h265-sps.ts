/** Sequence parameter sets, ITU-T H.265 sections 7.3.2.2.1 and 7.3.3. Nothing beyond the reordering is read. */
import { WireError } from '../bytes/wire-error.js';
import { type BitReader, createBitReader } from './bit-reader.js';
import { withoutEmulationPrevention } from './emulation-prevention.js';
import { h265HeaderBytes, h265NalType, h265NalTypes } from './h265-nal.js';

/** general_profile_idc, general_tier_flag and general_level_idc (30 times the level). */
export interface H265Profile {
  /** 1 Main, 2 Main 10, 3 Main Still Picture, 4 range extensions. */
  readonly profileIdc: number;
  /** 0 Main, 1 High. */
  readonly tier: 0 | 1;
  readonly levelIdc: number;
}

export interface H265Sps extends H265Profile {
  /** sps_seq_parameter_set_id: 0 to 15. */
  readonly spsId: number;
  /** Of the cropped picture, in luma samples: 1 or more. */
  readonly width: number;
  readonly height: number;
  /** Bits of a luma sample: 8 to 16. */
  readonly bitDepth: number;
  /** chroma_format_idc: 1 is 4:2:0. */
  readonly chromaFormatIdc: number;
  /** How many frames may come before one that is shown earlier: 0 means no reordering. */
  readonly maxNumReorderPics: number;
}

const where = 'h265.sps';
const maxSpsBytes = 4096;
/** sqrt(8 x MaxLumaPs) of level 6.2 (section A.4.1). */
const maxEdge = 16_888;

/** `sps`: a NAL unit with its header. Throws WireError on bytes that are no SPS. */
export function parseH265Sps(sps: Uint8Array): H265Sps {
  if (h265NalType(sps) !== h265NalTypes.sps) throw new WireError(where, `NAL type ${h265NalType(sps)}`);
  if (sps.length > maxSpsBytes) throw new WireError(where, `${sps.length} bytes`);
  const reader = createBitReader(withoutEmulationPrevention(sps.subarray(h265HeaderBytes)), where);
  reader.skip(4);
  const maxSubLayersMinus1 = reader.bits(3);
  if (maxSubLayersMinus1 > 6) throw new WireError(where, 'sps_max_sub_layers_minus1 is 7');
  reader.skip(1);
  const profile = readProfileTierLevel(reader, maxSubLayersMinus1);
  const spsId = limited(reader, 15, 'sps_seq_parameter_set_id');
  const chromaFormatIdc = limited(reader, 3, 'chroma_format_idc');
  const separatePlanes = chromaFormatIdc === 3 && reader.flag();
  const size = readSize(reader, separatePlanes ? 0 : chromaFormatIdc);
  const bitDepth = limited(reader, 8, 'bit_depth_luma_minus8') + 8;
  limited(reader, 8, 'bit_depth_chroma_minus8');
  limited(reader, 12, 'log2_max_pic_order_cnt_lsb_minus4');
  const maxNumReorderPics = readReordering(reader, maxSubLayersMinus1);
  return { ...size, ...profile, spsId, bitDepth, chromaFormatIdc, maxNumReorderPics };
}

function limited(reader: BitReader, most: number, name: string): number {
  const value = reader.unsignedExpGolomb();
  if (value > most) throw new WireError(where, `${name} is ${value}`);
  return value;
}

/** profile_tier_level(1, maxNumSubLayersMinus1). */
function readProfileTierLevel(reader: BitReader, maxSubLayersMinus1: number): H265Profile {
  reader.skip(2);
  const tier = reader.flag() ? 1 : 0;
  const profileIdc = reader.bits(5);
  // Compatibility flags, then constraint flags.
  reader.skip(32 + 48);
  const levelIdc = reader.bits(8);
  const subLayers = Array.from({ length: maxSubLayersMinus1 }, () => ({
    hasProfile: reader.flag(),
    hasLevel: reader.flag(),
  }));
  if (maxSubLayersMinus1 > 0) reader.skip(2 * (8 - maxSubLayersMinus1));
  for (const { hasProfile, hasLevel } of subLayers) reader.skip((hasProfile ? 88 : 0) + (hasLevel ? 8 : 0));
  return { tier, profileIdc, levelIdc };
}

/** `chroma`: ChromaArrayType. The conformance window counts in chroma samples (table 6-1). */
function readSize(reader: BitReader, chroma: number): { readonly width: number; readonly height: number } {
  const coded = {
    width: limited(reader, maxEdge, 'pic_width_in_luma_samples'),
    height: limited(reader, maxEdge, 'pic_height_in_luma_samples'),
  };
  if (coded.width === 0 || coded.height === 0) throw new WireError(where, 'a picture without an edge');
  if (!reader.flag()) return coded;
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = chroma === 1 ? 2 : 1;
  const width = coded.width - unitX * (reader.unsignedExpGolomb() + reader.unsignedExpGolomb());
  const height = coded.height - unitY * (reader.unsignedExpGolomb() + reader.unsignedExpGolomb());
  // Decoders pass over a window that leaves no picture.
  return width > 0 && height > 0 ? { width, height } : coded;
}

/** sps_max_num_reorder_pics of the highest sub-layer, which is the one that is decoded. */
function readReordering(reader: BitReader, maxSubLayersMinus1: number): number {
  const layers = reader.flag() ? maxSubLayersMinus1 + 1 : 1;
  let maxNumReorderPics = 0;
  for (let layer = 0; layer < layers; layer += 1) {
    limited(reader, 15, 'sps_max_dec_pic_buffering_minus1');
    maxNumReorderPics = limited(reader, 15, 'sps_max_num_reorder_pics');
    reader.unsignedExpGolomb();
  }
  return maxNumReorderPics;
}
