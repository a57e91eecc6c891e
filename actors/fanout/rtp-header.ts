/** The fixed header of an RTP packet (RFC 3550 5.1): no padding, no extension, no contributing sources. */

/** Below 2^15, so that a lost first packet cannot mislead the other side about the roll-over (RFC 3711 3.3.1). */
export const maxFirstSequence = 0x7fff;

const version2 = 0x80;
const markerBit = 0x80;

export interface RtpHeaderFields {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly marker: boolean;
  /** Its lower 16 bits are written. */
  readonly sequence: number;
  readonly rtpTs: number;
}

/** `header`: 12 bytes. */
export function writeRtpHeader(header: Buffer, fields: RtpHeaderFields): void {
  header.writeUInt8(version2, 0);
  header.writeUInt8((fields.marker ? markerBit : 0) | fields.payloadType, 1);
  header.writeUInt16BE(fields.sequence % 0x1_0000, 2);
  header.writeUInt32BE(fields.rtpTs, 4);
  header.writeUInt32BE(fields.ssrc, 8);
}
