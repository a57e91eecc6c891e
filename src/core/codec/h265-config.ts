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
  readonly nalLengthSize: 1 | 2 | 3 | 4;
}

const where = 'h265.config';
/** They are sent before every keyframe: no real source comes near. */
const maxRecordBytes = 16_384;
const maxSets = 64;
/** By lengthSizeMinusOne. */
const lengthSizes = [1, 2, 3, 4] as const;
/** 0 is from before the standard, and the same otherwise. */
const lastVersion = 1;

/**
 * HEVCDecoderConfigurationRecord, ISO/IEC 14496-15 section 8.3.3.1. Of one that is cut the sets before the cut are taken.
 * Throws WireError on anything else.
 */
export function parseH265Config(data: Uint8Array): H265Config {
  if (data.length > maxRecordBytes) throw new WireError(where, `${data.length} bytes`);
  const reader = createByteReader(data, where);
  const version = reader.u8();
  const general = reader.u8();
  // Compatibility flags, then constraint flags.
  reader.bytes(4 + 6);
  const levelIdc = reader.u8();
  // Segmentation, parallelism, chroma format, bit depths and frame rate: the SPS says what of it matters.
  reader.bytes(2 + 1 + 1 + 1 + 1 + 2);
  const nalLengthSize = lengthSizes[reader.u8() & 3] ?? 4;
  const profile = { profileIdc: general & 31, tier: (general & 32) === 0 ? 0 : 1, levelIdc } as const;
  const sets = readArrays(reader);
  // There is no other version; what has an SPS all the same is a record.
  if (version > lastVersion && sets.sps.length === 0) throw new WireError(where, `version ${version}`);
  return { ...profile, nalLengthSize, ...sets };
}

/** Arrays of other NAL units are let pass: x265 sends an SEI that names itself. */
function readArrays(reader: ByteReader): H265ParameterSets {
  const { vps, sps, pps } = h265NalTypes;
  const sets = new Map<number, Uint8Array[]>([vps, sps, pps].map((type) => [type, []]));
  const arrays = reader.remaining === 0 ? 0 : reader.u8();
  for (let array = 0; array < arrays && reader.remaining >= 3; array += 1) {
    reader.u8();
    readUnits(reader, reader.u16(), sets);
  }
  return { vps: sets.get(vps) ?? [], sps: sets.get(sps) ?? [], pps: sets.get(pps) ?? [] };
}

/** By the type of each, which arrays do not always say. */
function readUnits(reader: ByteReader, count: number, sets: ReadonlyMap<number, Uint8Array[]>): void {
  for (let index = 0; index < count && reader.remaining >= 2; index += 1) {
    const nal = reader.bytes(Math.min(reader.u16(), reader.remaining));
    const kept = sets.get(h265NalType(nal));
    if (kept !== undefined && kept.push(nal) > maxSets) {
      throw new WireError(where, `more than ${maxSets} parameter sets of one kind`);
    }
  }
}
