/** RTCP as a browser writes it: receiver report with REMB, and a NACK. */

const senderSsrc = 1;

function header(count: number, type: number, bytes: number): Buffer {
  const packet = Buffer.alloc(bytes);
  packet.writeUInt8(0x80 | count, 0);
  packet.writeUInt8(type, 1);
  packet.writeUInt16BE(bytes / 4 - 1, 2);
  packet.writeUInt32BE(senderSsrc, 4);
  return packet;
}

/** RFC 3550 6.4.2, one block without losses, and an estimate of 5 Mbit/s (draft-alvestrand-rmcat-remb). */
export function writeReport(mediaSsrc: number, highestSequence: number): Buffer {
  const report = header(1, 201, 32);
  report.writeUInt32BE(mediaSsrc, 8);
  report.writeUInt32BE(highestSequence, 16);
  const remb = header(15, 206, 24);
  remb.write('REMB', 12, 'latin1');
  remb.writeUInt8(1, 16);
  // Mantissa of 18 bits, exponent of 6.
  remb.writeUIntBE((5 << 18) | (5_000_000 >> 5), 17, 3);
  remb.writeUInt32BE(mediaSsrc, 20);
  return Buffer.concat([report, remb]);
}

/** RFC 4585 6.2.1, one entry. `followers`: the bitmask of the 16 packets behind the first that are missed too. */
export function writeNack(mediaSsrc: number, sequence: number, followers = 0): Buffer {
  const nack = header(1, 205, 16);
  nack.writeUInt32BE(mediaSsrc, 8);
  nack.writeUInt16BE(sequence, 12);
  nack.writeUInt16BE(followers, 14);
  return nack;
}

/** RFC 4585 6.3.1. */
export function writePli(mediaSsrc: number): Buffer {
  const pli = header(1, 206, 12);
  pli.writeUInt32BE(mediaSsrc, 8);
  return pli;
}
