import { type ByteReader, createByteReader } from '../bytes/byte-reader.js';
import { WireError } from '../bytes/wire-error.js';
import { nalType, nalTypes } from './h264-nal.js';

export interface H264Config {
  /** SPS and PPS NAL units, with their header byte and without start codes; views of the record. May be none. */
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
  /** Bytes of the length before each NAL unit of the stream. */
  readonly nalLengthSize: 1 | 2 | 4;
  /** profile_idc, constraint flags and level_idc of the first SPS: 6 hexadecimal digits in lower case (RFC 6184 8.1). */
  readonly profileLevelId: string;
}

/** They are sent before every IDR picture: no real source comes near. */
const maxRecordBytes = 16_384;
/** By lengthSizeMinusOne; 2 is reserved. */
const lengthSizes = [1, 2, undefined, 4] as const;

/** AVCDecoderConfigurationRecord, ISO/IEC 14496-15 section 5.3.3.1. Throws WireError on anything else. */
export function parseH264Config(data: Uint8Array): H264Config {
  if (data.length > maxRecordBytes) throw new WireError('h264.config', `${data.length} bytes`);
  const reader = createByteReader(data, 'h264.config');
  const version = reader.u8();
  if (version !== 1) throw new WireError('h264.config', `version ${version}`);
  const declared = reader.bytes(3);
  const nalLengthSize = lengthSizes[reader.u8() & 3];
  if (nalLengthSize === undefined) throw new WireError('h264.config', 'lengths of 3 bytes');
  const sps = readSets(reader, reader.u8() & 31, nalTypes.sps);
  const pps = readSets(reader, reader.u8(), nalTypes.pps);
  // The extension that High profiles append (chroma format, bit depths) says nothing that the SPS does not.
  const spoken = sps[0]?.subarray(1, 4);
  const profileLevelId = Buffer.from(spoken?.length === 3 ? spoken : declared).toString('hex');
  return { sps, pps, nalLengthSize, profileLevelId };
}

function readSets(reader: ByteReader, count: number, type: number): Uint8Array[] {
  const sets: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) {
    const set = reader.bytes(reader.u16());
    if (nalType(set) !== type) throw new WireError('h264.config', `NAL type ${nalType(set)} in place of ${type}`);
    sets.push(set);
  }
  return sets;
}
