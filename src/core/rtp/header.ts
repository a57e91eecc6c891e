/**
 * The header of an RTP packet (RFC 3550 5.1): no padding, no contributing sources, and no extension but the one that
 * carries the packet's transport-wide number, in the one-byte form of RFC 8285 4.2.
 */

/** Below 2^15, so that a lost first packet cannot mislead the other side about the roll-over (RFC 3711 3.3.1). */
export const maxFirstSequence = 0x7fff;

const version2 = 0x80;
const extensionBit = 0x10;
const fixedBytes = 12;
/** Of the whole extension: its head, one word with the number, and a byte of padding. */
export const twccBytes = 8;
const oneByteForm = 0xbede;
const markerBit = 0x80;

export interface RtpHeaderFields {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly marker: boolean;
  /** Its lower 16 bits are written. */
  readonly sequence: number;
  readonly rtpTs: number;
  /** Null: without a transport-wide number. The lower 16 bits of `number` are written. */
  readonly twcc: { readonly id: number; readonly number: number } | null;
}

/** Room for the headers of one stream. */
export const createRtpHeader = (isNumbered: boolean): Buffer => Buffer.alloc(fixedBytes + (isNumbered ? twccBytes : 0));

/** `header`: as `createRtpHeader` gives it. */
export function writeRtpHeader(header: Buffer, fields: RtpHeaderFields): void {
  const { twcc } = fields;
  header.writeUInt8(version2 | (twcc === null ? 0 : extensionBit), 0);
  header.writeUInt8((fields.marker ? markerBit : 0) | fields.payloadType, 1);
  header.writeUInt16BE(fields.sequence % 0x1_0000, 2);
  header.writeUInt32BE(fields.rtpTs, 4);
  header.writeUInt32BE(fields.ssrc, 8);
  if (twcc === null) return;
  header.writeUInt16BE(oneByteForm, fixedBytes);
  header.writeUInt16BE(1, fixedBytes + 2);
  // The length of an element is written less one.
  header.writeUInt8((twcc.id << 4) | 1, fixedBytes + 4);
  header.writeUInt16BE(twcc.number % 0x1_0000, fixedBytes + 5);
}
