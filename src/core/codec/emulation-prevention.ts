/** Takes out emulation_prevention_three_byte: ITU-T H.264 section 7.4.1, ITU-T H.265 section 7.4.2. */
export function withoutEmulationPrevention(nal: Uint8Array): Uint8Array {
  const payload = new Uint8Array(nal.length);
  let size = 0;
  let zeros = 0;
  for (const byte of nal) {
    const prevents = zeros >= 2 && byte === 3;
    zeros = byte === 0 ? zeros + 1 : 0;
    if (prevents) continue;
    payload[size] = byte;
    size += 1;
  }
  return payload.subarray(0, size);
}
