/** G.711 of 8 kHz to samples between -1 and 1 (ITU-T G.711, tables 1 and 2), written apart from FFmpeg's decoder. */
export function decodeG711(law: 'PCMA' | 'PCMU', packets: readonly Uint8Array[]): Float32Array {
  const decode = law === 'PCMA' ? aLaw : muLaw;
  return Float32Array.from(Buffer.concat(packets), decode);
}

/** Every other bit is inverted on the line. */
function aLaw(byte: number): number {
  const code = byte ^ 0x55;
  const segment = (code >> 4) & 7;
  const step = (code & 15) * 2 + 1;
  const level = segment === 0 ? step : (step + 32) << (segment - 1);
  return ((code & 0x80) === 0 ? -level : level) / 4096;
}

/** All bits are inverted on the line. */
function muLaw(byte: number): number {
  const code = ~byte & 0xff;
  const level = (((code & 15) * 2 + 33) << ((code >> 4) & 7)) - 33;
  return ((code & 0x80) === 0 ? level : -level) / 8192;
}
