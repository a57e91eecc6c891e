import { type ByteReader, createByteReader } from '../bytes/byte-reader.js';
import { WireError } from '../bytes/wire-error.js';
import { nalType, nalTypes } from './h264-nal.js';

export interface H264Config {
  /** SPS and PPS NAL units, with their header byte and without start codes; views of the record. May be none. */
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
  /** Bytes of the length before each NAL unit of the stream; 3 is reserved, and sent. */
  readonly nalLengthSize: 1 | 2 | 3 | 4;
}

const where = 'h264.config';
/** They are sent before every IDR picture: no real source comes near. */
const maxRecordBytes = 16_384;
/** By lengthSizeMinusOne. */
const lengthSizes = [1, 2, 3, 4] as const;

/**
 * AVCDecoderConfigurationRecord, ISO/IEC 14496-15 section 5.3.3.1. Of one that is cut the sets before the cut are taken.
 * Throws WireError on anything else.
 */
export function parseH264Config(data: Uint8Array): H264Config {
  if (data.length > maxRecordBytes) throw new WireError(where, `${data.length} bytes`);
  const reader = createByteReader(data, where);
  const version = reader.u8();
  // The SPS has profile and level, and is believed about them.
  reader.bytes(3);
  const nalLengthSize = lengthSizes[reader.u8() & 3] ?? 4;
  const sps: Uint8Array[] = [];
  const pps: Uint8Array[] = [];
  // The extension that High profiles append (chroma format, bit depths) says nothing that the SPS does not.
  if (readSets(reader, 31, nalTypes.sps, sps)) readSets(reader, 255, nalTypes.pps, pps);
  // There is no other version; what has an SPS all the same is a record.
  if (version !== 1 && sps.length === 0) throw new WireError(where, `version ${version}`);
  return { sps, pps, nalLengthSize };
}

/** False where the record ends before its last set. Units of another type are left out. */
function readSets(reader: ByteReader, countMask: number, type: number, into: Uint8Array[]): boolean {
  if (reader.remaining === 0) return false;
  const count = reader.u8() & countMask;
  for (let index = 0; index < count; index += 1) {
    if (reader.remaining < 2) return false;
    const sizeBytes = reader.u16();
    if (sizeBytes > reader.remaining) return false;
    const set = reader.bytes(sizeBytes);
    if (nalType(set) === type) into.push(set);
  }
  return true;
}
