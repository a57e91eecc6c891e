/**
 * Takes out emulation_prevention_three_byte: ITU-T H.264 section 7.4.1, ITU-T H.265 section 7.4.2. Gives the bytes themselves where
 * there is none, as in most slice headers.
 */
export function withoutEmulationPrevention(nal: Uint8Array): Uint8Array {
  const first = firstPrevention(nal);
  if (first === null) return nal;
  const payload = new Uint8Array(nal.length);
  payload.set(nal.subarray(0, first));
  let size = first;
  let zeros = 2;
  for (let at = first; at < nal.length; at += 1) {
    const byte = nal[at] ?? 0;
    const prevents = zeros >= 2 && byte === 3;
    zeros = byte === 0 ? zeros + 1 : 0;
    if (prevents) continue;
    payload[size] = byte;
    size += 1;
  }
  return payload.subarray(0, size);
}

/** Where the first one stands; null: nowhere. */
function firstPrevention(nal: Uint8Array): number | null {
  let zeros = 0;
  for (let at = 0; at < nal.length; at += 1) {
    const byte = nal[at];
    if (byte === 3 && zeros >= 2) return at;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return null;
}
