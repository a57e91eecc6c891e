/** Sequence parameter sets, ITU-T H.264 sections 7.3.2.1.1 and E.1.1. */
import { WireError } from '../bytes/wire-error.js';
import { type BitReader, createBitReader } from './bit-reader.js';
import { withoutEmulationPrevention } from './emulation-prevention.js';
import { nalType, nalTypes } from './h264-nal.js';

export interface Sps {
  /** Of the cropped picture, in luma samples: 1 or more. */
  readonly width: number;
  readonly height: number;
  readonly profileIdc: number;
  /** constraint_set0_flag is the most significant bit. */
  readonly constraintFlags: number;
  readonly levelIdc: number;
  /** How many frames may come before one that is shown earlier: 0 means no reordering, null that it is not said. */
  readonly maxNumReorderFrames: number | null;
  /** seq_parameter_set_id: 0 to 31. */
  readonly spsId: number;
  /** How long the fields of slice headers are that tell one picture from the next. */
  readonly sliceFields: SliceFields;
}

export interface SliceFields {
  /** Bits of frame_num: 4 to 16. */
  readonly frameNumBits: number;
  /** Bits of pic_order_cnt_lsb: 4 to 16; null where the order is told otherwise. */
  readonly orderBits: number | null;
  /** delta_pic_order_cnt[0] is there (pic_order_cnt_type 1). */
  readonly hasOrderDeltas: boolean;
  /** frame_mbs_only_flag. */
  readonly framesOnly: boolean;
  readonly separatePlanes: boolean;
}

const where = 'h264.sps';
const maxSpsBytes = 4096;
/** Macroblocks along one edge: sqrt(8 x MaxFS) of level 6.2 (section A.3.1). */
const maxEdgeMbs = 1055;
/** Profiles whose SPS has the chroma format and scaling lists (section 7.3.2.1.1). */
const highProfiles: ReadonlySet<number> = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]);
const extendedSar = 255;

/** `sps`: a NAL unit with its header byte. Throws WireError on bytes that are no SPS. */
export function parseSps(sps: Uint8Array): Sps {
  if (nalType(sps) !== nalTypes.sps) throw new WireError(where, `NAL type ${nalType(sps)}`);
  if (sps.length > maxSpsBytes) throw new WireError(where, `${sps.length} bytes`);
  const reader = createBitReader(withoutEmulationPrevention(sps.subarray(1)), where);
  const profileIdc = reader.bits(8);
  const constraintFlags = reader.bits(8);
  const levelIdc = reader.bits(8);
  const spsId = limited(reader, 31, 'seq_parameter_set_id');
  const chroma = highProfiles.has(profileIdc) ? readChroma(reader) : { formatIdc: 1, separatePlanes: false };
  const frameNumBits = limited(reader, 12, 'log2_max_frame_num_minus4') + 4;
  const order = readPicOrderCount(reader);
  limited(reader, 16, 'max_num_ref_frames');
  reader.skip(1);
  const { framesOnly, ...size } = readSize(reader, chroma);
  const stated = readReorderFrames(reader);
  const { orderBits, hasOrderDeltas } = order;
  return {
    ...size,
    spsId,
    profileIdc,
    constraintFlags,
    levelIdc,
    maxNumReorderFrames: order.isDecoding ? 0 : stated,
    sliceFields: { frameNumBits, orderBits, hasOrderDeltas, framesOnly, separatePlanes: chroma.separatePlanes },
  };
}

function limited(reader: BitReader, most: number, name: string): number {
  const value = reader.unsignedExpGolomb();
  if (value > most) throw new WireError(where, `${name} is ${value}`);
  return value;
}

interface Chroma {
  /** chroma_format_idc: 0 to 3. */
  readonly formatIdc: number;
  readonly separatePlanes: boolean;
}

function readChroma(reader: BitReader): Chroma {
  const formatIdc = limited(reader, 3, 'chroma_format_idc');
  const separatePlanes = formatIdc === 3 && reader.flag();
  limited(reader, 6, 'bit_depth_luma_minus8');
  limited(reader, 6, 'bit_depth_chroma_minus8');
  reader.skip(1);
  if (reader.flag()) {
    const lists = formatIdc === 3 ? 12 : 8;
    for (let index = 0; index < lists; index += 1) if (reader.flag()) skipScalingList(reader, index < 6 ? 16 : 64);
  }
  return { formatIdc, separatePlanes };
}

/** scaling_list, section 7.3.2.1.1.1. */
function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  for (let index = 0; index < size; index += 1) {
    const next = (last + reader.signedExpGolomb()) & 255;
    if (next === 0) return;
    last = next;
  }
}

interface PicOrderCount extends Pick<SliceFields, 'orderBits' | 'hasOrderDeltas'> {
  /** Frames are shown in the order of decoding: pic_order_cnt_type 2 (section 8.2.1.3). */
  readonly isDecoding: boolean;
}

function readPicOrderCount(reader: BitReader): PicOrderCount {
  const type = limited(reader, 2, 'pic_order_cnt_type');
  const orderBits = type === 0 ? limited(reader, 12, 'log2_max_pic_order_cnt_lsb_minus4') + 4 : null;
  let hasOrderDeltas = false;
  if (type === 1) {
    // delta_pic_order_always_zero_flag
    hasOrderDeltas = !reader.flag();
    reader.signedExpGolomb();
    reader.signedExpGolomb();
    const cycle = limited(reader, 255, 'num_ref_frames_in_pic_order_cnt_cycle');
    for (let index = 0; index < cycle; index += 1) reader.signedExpGolomb();
  }
  return { isDecoding: type === 2, orderBits, hasOrderDeltas };
}

function readSize(
  reader: BitReader,
  chroma: Chroma,
): { readonly width: number; readonly height: number; readonly framesOnly: boolean } {
  const widthMbs = limited(reader, maxEdgeMbs - 1, 'pic_width_in_mbs_minus1') + 1;
  const heightUnits = limited(reader, maxEdgeMbs - 1, 'pic_height_in_map_units_minus1') + 1;
  const framesOnly = reader.flag();
  if (!framesOnly) reader.skip(1);
  reader.skip(1);
  const fields = framesOnly ? 1 : 2;
  const coded = { width: widthMbs * 16, height: heightUnits * 16 * fields };
  if (!reader.flag()) return { ...coded, framesOnly };
  // CropUnitX and CropUnitY, equations 7-19 to 7-22.
  const subsampled = chroma.separatePlanes ? 0 : chroma.formatIdc;
  const unitX = subsampled === 1 || subsampled === 2 ? 2 : 1;
  const unitY = (subsampled === 1 ? 2 : 1) * fields;
  const width = coded.width - unitX * (reader.unsignedExpGolomb() + reader.unsignedExpGolomb());
  const height = coded.height - unitY * (reader.unsignedExpGolomb() + reader.unsignedExpGolomb());
  // Decoders pass over a cropping that leaves no picture.
  return width > 0 && height > 0 ? { width, height, framesOnly } : { ...coded, framesOnly };
}

/** vui_parameters as far as max_num_reorder_frames; null where they do not reach it. */
function readReorderFrames(reader: BitReader): number | null {
  try {
    if (!reader.flag()) return null;
    skipVuiDisplay(reader);
    const nalHrd = reader.flag();
    if (nalHrd) skipHrd(reader);
    const vclHrd = reader.flag();
    if (vclHrd) skipHrd(reader);
    if (nalHrd || vclHrd) reader.skip(1);
    reader.skip(1);
    if (!reader.flag()) return null;
    reader.skip(1);
    for (let index = 0; index < 4; index += 1) reader.unsignedExpGolomb();
    return limited(reader, 16, 'max_num_reorder_frames');
  } catch (error) {
    // The picture can be shown without it, and cameras write damaged VUI that every player forgives.
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** From aspect_ratio_info_present_flag to the timing information. */
function skipVuiDisplay(reader: BitReader): void {
  if (reader.flag() && reader.bits(8) === extendedSar) reader.skip(32);
  if (reader.flag()) reader.skip(1);
  if (reader.flag()) {
    reader.skip(4);
    if (reader.flag()) reader.skip(24);
  }
  if (reader.flag()) {
    reader.unsignedExpGolomb();
    reader.unsignedExpGolomb();
  }
  if (reader.flag()) reader.skip(65);
}

/** hrd_parameters, section E.1.2. */
function skipHrd(reader: BitReader): void {
  const count = limited(reader, 31, 'cpb_cnt_minus1') + 1;
  reader.skip(8);
  for (let index = 0; index < count; index += 1) {
    reader.unsignedExpGolomb();
    reader.unsignedExpGolomb();
    reader.skip(1);
  }
  reader.skip(20);
}
