/** H.264 byte streams (ITU-T H.264 Annex B): the form that encoders give. */

/** The NAL units between start codes, as views. A zero byte before a start code belongs to the code (B.1.1). */
export function splitAnnexB(stream: Uint8Array): Uint8Array[] {
  const starts: { readonly code: number; readonly nal: number }[] = [];
  for (let at = 0; at + 2 < stream.length; at += 1) {
    if (stream[at] !== 0 || stream[at + 1] !== 0 || stream[at + 2] !== 1) continue;
    starts.push({ code: at > 0 && stream[at - 1] === 0 ? at - 1 : at, nal: at + 3 });
    at += 2;
  }
  return starts.map(({ nal }, n) => stream.subarray(nal, starts[n + 1]?.code ?? stream.length));
}
