/** Bytes from bits written as text, spaces passed over; the last byte is filled up with zeros. */
export function bytesOfBits(...fields: readonly string[]): Uint8Array {
  const bytes =
    fields
      .join('')
      .replaceAll(' ', '')
      .match(/.{1,8}/g) ?? [];
  return Uint8Array.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
}

/** With emulation_prevention_three_byte where ITU-T H.264 section 7.4.1 wants it. */
export function withEmulationPrevention(payload: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of payload) {
    if (byte <= 3 && out.at(-1) === 0 && out.at(-2) === 0) out.push(3);
    out.push(byte);
  }
  return Uint8Array.from(out);
}
