const receiverReport = 201;
const goodbye = 203;
const version2 = 0x80;
const reportBytes = 8;
const maxSources = 31;

/**
 * Says that these sources have ended: an empty receiver report, which every compound packet must begin with
 * (RFC 3550 6.1), and BYE (6.6). RangeError for none, or for more than 31.
 */
export function writeBye(ssrcs: readonly number[]): Uint8Array {
  const [ssrc] = ssrcs;
  if (ssrc === undefined || ssrcs.length > maxSources) throw new RangeError('BYE names 1 to 31 sources');
  const bytes = new Uint8Array(reportBytes + 4 + 4 * ssrcs.length);
  const packet = new DataView(bytes.buffer);
  packet.setUint8(0, version2);
  packet.setUint8(1, receiverReport);
  packet.setUint16(2, reportBytes / 4 - 1);
  packet.setUint32(4, ssrc);
  packet.setUint8(8, version2 | ssrcs.length);
  packet.setUint8(9, goodbye);
  packet.setUint16(10, ssrcs.length);
  for (const [n, source] of ssrcs.entries()) packet.setUint32(12 + 4 * n, source);
  return bytes;
}
