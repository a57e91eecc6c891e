/** The beginning of H.264 slice headers, ITU-T H.264 section 7.3.3: what tells the slices of one picture from those of the next. */
import { type BitReader, createBitReader } from './bit-reader.js';
import { withoutEmulationPrevention } from './emulation-prevention.js';
import { nalType, nalTypes } from './h264-nal.js';
import type { SliceFields } from './h264-sps.js';

/** All fields of the beginning are far fewer bytes, whatever they say. */
const headBytes = 24;

export interface SliceHead {
  /** first_mb_in_slice: 0 for the first slice of a picture. */
  readonly firstMb: number;
  readonly isB: boolean;
  readonly isIntra: boolean;
  /** nal_ref_idc is not 0: other frames are predicted from it. */
  readonly isReference: boolean;
  readonly isIdr: boolean;
  /** pic_parameter_set_id. */
  readonly ppsId: number;
  /** Null while the parameter sets of the slice are not known. */
  readonly picture: PictureFields | null;
}

/** What is the same in all slices of a picture (section 7.4.1.2.4). */
export interface PictureFields {
  readonly frameNum: number;
  /** Null for a frame; else whether it is the bottom field. */
  readonly isBottomField: boolean | null;
  /** idr_pic_id; null for one that is not IDR. */
  readonly idrId: number | null;
  /** pic_order_cnt_lsb, or delta_pic_order_cnt[0]; null where the order is that of decoding. */
  readonly order: number | null;
}

/** Null for a NAL unit that is no slice. `fieldsOf` a PPS: of the SPS that it names. Throws WireError on one that ends early. */
export function readSliceHead(nal: Uint8Array, fieldsOf: (ppsId: number) => SliceFields | null): SliceHead | null {
  const type = nalType(nal);
  if (type !== nalTypes.nonIdr && type !== nalTypes.idr && type !== nalTypes.partitionA) return null;
  const reader = createBitReader(withoutEmulationPrevention(nal.subarray(1, 1 + headBytes)), 'h264.slice');
  const firstMb = reader.unsignedExpGolomb();
  // 5 to 9 say the same of all slices of the picture (table 7-6).
  const sliceType = reader.unsignedExpGolomb() % 5;
  const ppsId = reader.unsignedExpGolomb();
  const isIdr = type === nalTypes.idr;
  const fields = fieldsOf(ppsId);
  return {
    firstMb,
    isB: sliceType === sliceTypes.b,
    isIntra: sliceType === sliceTypes.i || sliceType === sliceTypes.si,
    isReference: ((nal[0] ?? 0) & 0x60) !== 0,
    isIdr,
    ppsId,
    picture: fields === null ? null : readPicture(reader, fields, isIdr),
  };
}

/** Table 7-6. */
const sliceTypes = { b: 1, i: 2, si: 4 } as const;

function readPicture(reader: BitReader, fields: SliceFields, isIdr: boolean): PictureFields {
  if (fields.separatePlanes) reader.skip(2);
  const frameNum = reader.bits(fields.frameNumBits);
  const isField = !fields.framesOnly && reader.flag();
  const isBottomField = isField ? reader.flag() : null;
  const idrId = isIdr ? reader.unsignedExpGolomb() : null;
  const { orderBits, hasOrderDeltas } = fields;
  const order = orderBits !== null ? reader.bits(orderBits) : hasOrderDeltas ? reader.signedExpGolomb() : null;
  return { frameNum, isBottomField, idrId, order };
}
