/** The beginning of H.264 slice headers, ITU-T H.264 section 7.3.3. Nothing beyond slice_type is read. */
import { createBitReader } from './bit-reader.js';
import { nalType, nalTypes } from './h264-nal.js';

/** first_mb_in_slice and slice_type are two Exp-Golomb codes: far fewer bytes, whatever they say. */
const headBytes = 16;

export interface SliceHead {
  readonly isB: boolean;
  /** nal_ref_idc is not 0: other frames are predicted from it. */
  readonly isReference: boolean;
}

/** Null for a NAL unit that is no slice. Throws WireError on one that ends early. */
export function readSliceHead(nal: Uint8Array): SliceHead | null {
  const type = nalType(nal);
  if (type !== nalTypes.nonIdr && type !== nalTypes.idr) return null;
  const reader = createBitReader(nal.subarray(1, 1 + headBytes), 'h264.slice');
  reader.unsignedExpGolomb();
  // 5 to 9 say the same of all slices of the picture (table 7-6).
  return { isB: reader.unsignedExpGolomb() % 5 === 1, isReference: ((nal[0] ?? 0) & 0x60) !== 0 };
}
