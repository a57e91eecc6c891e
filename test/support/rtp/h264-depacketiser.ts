/** Puts H.264 NAL units together again from RTP payloads, by the letter of RFC 6184 and not by our packetiser. */
import assert from 'node:assert/strict';

export function depacketise(payloads: readonly Uint8Array[]): readonly Uint8Array[] {
  const nals: Uint8Array[] = [];
  let fragments: number[] | null = null;
  for (const payload of payloads) {
    const header = payload[0] ?? 0;
    const type = header & 0x1f;
    if (type === 28) {
      const fuHeader = payload[1] ?? 0;
      assert.equal(fuHeader & 0x20, 0, 'the reserved bit is 0');
      const [start, end] = [(fuHeader & 0x80) !== 0, (fuHeader & 0x40) !== 0];
      assert.ok(!(start && end), 'one fragment is never the first and the last');
      assert.equal(fragments === null, start, 'a fragmented unit has one first fragment');
      fragments ??= [(header & 0xe0) | (fuHeader & 0x1f)];
      assert.equal(fragments[0], (header & 0xe0) | (fuHeader & 0x1f), 'all fragments tell the same unit');
      fragments.push(...payload.subarray(2));
      if (!end) continue;
      nals.push(Uint8Array.from(fragments));
      fragments = null;
      continue;
    }
    assert.equal(fragments, null, 'nothing stands between the fragments of one unit');
    if (type === 24) nals.push(...aggregated(payload));
    else {
      assert.ok(type >= 1 && type <= 23);
      nals.push(Uint8Array.from(payload));
    }
  }
  assert.equal(fragments, null, 'the last unit is whole');
  return nals;
}

function aggregated(payload: Uint8Array): readonly Uint8Array[] {
  const nals: Uint8Array[] = [];
  for (let at = 1; at < payload.length; ) {
    const bytes = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
    assert.ok(bytes > 0 && at + 2 + bytes <= payload.length);
    nals.push(Uint8Array.from(payload.subarray(at + 2, at + 2 + bytes)));
    at += 2 + bytes;
  }
  const nri = Math.max(...nals.map((nal) => (nal[0] ?? 0) & 0x60));
  assert.equal((payload[0] ?? 0) & 0x60, nri, 'the aggregate has the highest NRI inside');
  return nals;
}
