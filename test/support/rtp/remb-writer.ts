/** Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 2.2): 18 bits and an exponent. */
export function writeRemb(bitrateBps: number, videoSsrc: number): Buffer {
  const exponent = Math.max(0, Math.ceil(Math.log2(bitrateBps / 2 ** 18)));
  const mantissa = Math.floor(bitrateBps / 2 ** exponent);
  const packet = Buffer.alloc(24);
  packet.set([0x8f, 206, 0, 5]);
  packet.write('REMB', 12);
  packet.set([1, (exponent << 2) | (mantissa >> 16), (mantissa >> 8) & 0xff, mantissa & 0xff], 16);
  packet.writeUInt32BE(videoSsrc, 20);
  return packet;
}
