import { WireError } from '../bytes/wire-error.js';

/** nal_unit_type, ITU-T H.264 table 7-1. */
export const nalTypes = { nonIdr: 1, idr: 5, sei: 6, sps: 7, pps: 8, aud: 9 } as const;

/** Enough for a 4K picture cut into slices of one packet each; a view costs more memory than the NAL that it shows. */
const maxNals = 8192;

/** The nal_unit_type of a NAL unit: 0 to 31, 0 (unspecified) for one without bytes. */
export function nalType(nal: Uint8Array): number {
  return (nal[0] ?? 0) & 31;
}

/**
 * The NAL units of an access unit in length-prefixed form (ISO/IEC 14496-15 sections 5.3.4.2 and 8.3.2.2: H.265 too), as
 * views of it. Those without bytes are left out. Throws WireError when a length goes beyond the data.
 */
export function splitNals(data: Uint8Array, nalLengthSize: 1 | 2 | 4): Uint8Array[] {
  const nals: Uint8Array[] = [];
  for (let at = 0; at < data.length; ) {
    const start = at + nalLengthSize;
    let sizeBytes = 0;
    for (; at < start; at += 1) {
      const byte = data[at];
      if (byte === undefined) throw new WireError('h264.nal', 'the data end inside a length');
      sizeBytes = sizeBytes * 256 + byte;
    }
    if (sizeBytes > data.length - start)
      throw new WireError('h264.nal', `a NAL of ${sizeBytes} bytes goes beyond its data`);
    if (sizeBytes === 0) continue;
    if (nals.length === maxNals) throw new WireError('h264.nal', `more than ${maxNals} NAL units in one frame`);
    at = start + sizeBytes;
    nals.push(data.subarray(start, at));
  }
  return nals;
}
