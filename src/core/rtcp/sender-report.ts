/** Sender reports: by them a browser brings audio and video to one clock (RFC 3550 6.4.1). */

/** From 1900 to 1970, in seconds. */
const ntpEpochS = 2_208_988_800;
const reportBytes = 28;
const senderReport = 200;
const sourceDescription = 202;
const version2 = 0x80;
const cnameItem = 1;
const maxCnameBytes = 255;

export interface SenderReport {
  readonly ssrc: number;
  /** The track's RTP time at the moment of the report. */
  readonly rtpTs: number;
  /** Packets and payload bytes sent so far; only their lower 32 bits go out. */
  readonly packets: number;
  readonly octets: number;
}

/**
 * A compound packet: the report, and the source's CNAME (RFC 3550 6.1). One for each source: GStreamer hands a packet on by its first.
 * `wallMs`: UTC in ms, fractions included. The packet is valid until the next one is written: every viewer gets two a second.
 */
export type WriteSenderReport = (wallMs: number, report: SenderReport) => Uint8Array;

/** RangeError for a CNAME over 255 bytes. */
export function createReportWriter(cname: string): WriteSenderReport {
  const name = new TextEncoder().encode(cname);
  if (name.length > maxCnameBytes) throw new RangeError('a CNAME has at most 255 bytes');
  // One byte at least ends the list of items, and up to a 32-bit boundary (RFC 3550 6.5).
  const itemBytes = Math.ceil((2 + name.length + 1) / 4) * 4;
  const bytes = new Uint8Array(reportBytes + 8 + itemBytes);
  const packet = new DataView(bytes.buffer);
  packet.setUint8(0, version2);
  packet.setUint8(1, senderReport);
  packet.setUint16(2, reportBytes / 4 - 1);
  packet.setUint8(28, version2 | 1);
  packet.setUint8(29, sourceDescription);
  packet.setUint16(30, (8 + itemBytes) / 4 - 1);
  packet.setUint8(36, cnameItem);
  packet.setUint8(37, name.length);
  bytes.set(name, 38);
  return (wallMs, { ssrc, rtpTs, packets, octets }) => {
    const { seconds, fraction } = ntpTime(wallMs);
    packet.setUint32(4, ssrc);
    packet.setUint32(8, seconds);
    packet.setUint32(12, fraction);
    packet.setUint32(16, rtpTs);
    packet.setUint32(20, packets);
    packet.setUint32(24, octets);
    packet.setUint32(32, ssrc);
    return bytes;
  };
}

/** The middle 32 bits of the NTP time: what receivers repeat as LSR. */
export function ntpMiddle32(wallMs: number): number {
  const { seconds, fraction } = ntpTime(wallMs);
  return ((seconds << 16) | (fraction >>> 16)) >>> 0;
}

/** Seconds since 1900, modulo 2^32, and the fraction in 1/2^32 s. */
function ntpTime(wallMs: number): { readonly seconds: number; readonly fraction: number } {
  const seconds = Math.floor(wallMs / 1000);
  return {
    seconds: (seconds + ntpEpochS) % 2 ** 32,
    fraction: Math.floor(((wallMs - seconds * 1000) * 2 ** 32) / 1000),
  };
}
