/**
 * ADTS (ISO/IEC 13818-7 section 6.2): the headers of AAC in files, which odd encoders leave standing in FLV. A raw frame
 * never begins so: its first element would be the terminator (ISO/IEC 14496-3 table 4.85).
 */
import { aacConfig } from './aac-config.js';

const headerBytes = 7;
const checksumBytes = 2;

export interface AdtsFrames {
  /** The AudioSpecificConfig that the first header stands for. */
  readonly audioSpecificConfig: Uint8Array;
  /** Raw frames, views of the data. None: what looked like a header is damage. */
  readonly units: readonly Uint8Array[];
}

export function isAdts(data: Uint8Array): boolean {
  return data[0] === 0xff && (data[1] ?? 0) >> 4 === 0xf;
}

/** Cuts the data into raw frames; what does not read as ADTS to the end is left out. */
export function splitAdts(data: Uint8Array): AdtsFrames {
  const units: Uint8Array[] = [];
  let rest = data;
  while (rest.length > headerBytes) {
    const size = frameBytes(rest);
    const from = ((rest[1] ?? 0) & 1) === 0 ? headerBytes + checksumBytes : headerBytes;
    if (size === null || size <= from || size > rest.length) break;
    units.push(rest.subarray(from, size));
    rest = rest.subarray(size);
  }
  return { audioSpecificConfig: configOf(data), units };
}

/** Null where no header is, or one of several raw frames, which only a decoder can tell apart. */
function frameBytes(data: Uint8Array): number | null {
  const [, second = 0, , fourth = 0, fifth = 0, sixth = 0, seventh = 0] = data;
  if (!isAdts(data) || (second & 6) !== 0 || (seventh & 3) !== 0) return null;
  return ((fourth & 3) << 11) | (fifth << 3) | (sixth >> 5);
}

function configOf([, , third = 0, fourth = 0]: Uint8Array): Uint8Array {
  return aacConfig((third >> 6) + 1, (third >> 2) & 15, ((third & 1) << 2) | (fourth >> 6));
}
