import { type ByteReader, createByteReader } from '../bytes/byte-reader.js';
import { WireError } from '../bytes/wire-error.js';
import { h265NalType, h265NalTypes } from './h265-nal.js';
import type { H265Profile } from './h265-sps.js';

/** Parameter sets: NAL units with their header and without start codes. */
export interface H265ParameterSets {
  readonly vps: readonly Uint8Array[];
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

/** Its parameter sets are views of the record; there may be none of a kind. */
export interface H265Config extends H265ParameterSets, H265Profile {
  /** Bytes of the length before each NAL unit of the stream. */
  readonly nalLengthSize: 1 | 2 | 4;
}

const where = 'h265.config';
/** They are sent before every keyframe: no real source comes near. */
const maxRecordBytes = 16_384;
const maxSets = 64;
/** By lengthSizeMinusOne; 2 is reserved. */
const lengthSizes = [1, 2, undefined, 4] as const;

/** HEVCDecoderConfigurationRecord, ISO/IEC 14496-15 section 8.3.3.1. Throws WireError on anything else. */
export function parseH265Config(data: Uint8Array): H265Config {
  if (data.length > maxRecordBytes) throw new WireError(where, `${data.length} bytes`);
  const reader = createByteReader(data, where);
  const version = reader.u8();
  if (version !== 1) throw new WireError(where, `version ${version}`);
  const general = reader.u8();
  // Compatibility flags, then constraint flags.
  reader.bytes(4 + 6);
  const levelIdc = reader.u8();
  // Segmentation, parallelism, chroma format, bit depths and frame rate: the SPS says what of it matters.
  reader.bytes(2 + 1 + 1 + 1 + 1 + 2);
  const nalLengthSize = lengthSizes[reader.u8() & 3];
  if (nalLengthSize === undefined) throw new WireError(where, 'lengths of 3 bytes');
  const profile = { profileIdc: general & 31, tier: (general & 32) === 0 ? 0 : 1, levelIdc } as const;
  return { ...profile, nalLengthSize, ...readArrays(reader) };
}

/** Arrays of other NAL units are let pass: x265 sends an SEI that names itself. */
function readArrays(reader: ByteReader): H265ParameterSets {
  const { vps, sps, pps } = h265NalTypes;
  const sets = new Map<number, Uint8Array[]>([vps, sps, pps].map((type) => [type, []]));
  const arrays = reader.u8();
  for (let array = 0; array < arrays; array += 1) {
    const type = reader.u8() & 63;
    const count = reader.u16();
    for (let index = 0; index < count; index += 1) {
      const nal = reader.bytes(reader.u16());
      const kept = sets.get(type);
      if (kept === undefined) continue;
      if (h265NalType(nal) !== type) throw new WireError(where, `NAL type ${h265NalType(nal)} in place of ${type}`);
      if (kept.push(nal) > maxSets) throw new WireError(where, `more than ${maxSets} parameter sets of one kind`);
    }
  }
  return { vps: sets.get(vps) ?? [], sps: sets.get(sps) ?? [], pps: sets.get(pps) ?? [] };
}
