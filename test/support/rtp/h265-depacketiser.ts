/** Puts H.265 NAL units together again from RTP payloads, by the letter of RFC 7798 and not by our packetiser. */
import assert from 'node:assert/strict';

const typeOf = (unit: Uint8Array): number => ((unit[0] ?? 0) >> 1) & 0x3f;
const layerOf = (unit: Uint8Array): number => (((unit[0] ?? 0) & 1) << 5) | ((unit[1] ?? 0) >> 3);
const temporalOf = (unit: Uint8Array): number => (unit[1] ?? 0) & 7;

export function depacketiseH265(payloads: readonly Uint8Array[]): readonly Uint8Array[] {
  const nals: Uint8Array[] = [];
  let fragments: number[] | null = null;
  for (const payload of payloads) {
    const type = typeOf(payload);
    if (type === 49) {
      const fuHeader = payload[2] ?? 0;
      const [start, end] = [(fuHeader & 0x80) !== 0, (fuHeader & 0x40) !== 0];
      assert.ok(!(start && end), 'one fragment is never the first and the last');
      assert.equal(fragments === null, start, 'a fragmented unit has one first fragment');
      const header = [((payload[0] ?? 0) & 0x81) | ((fuHeader & 0x3f) << 1), payload[1] ?? 0];
      fragments ??= [...header];
      assert.deepEqual(fragments.slice(0, 2), header, 'all fragments tell the same unit');
      assert.ok(payload.length > 3, 'no fragment is empty');
      fragments.push(...payload.subarray(3));
      if (!end) continue;
      nals.push(Uint8Array.from(fragments));
      fragments = null;
      continue;
    }
    assert.equal(fragments, null, 'nothing stands between the fragments of one unit');
    if (type === 48) nals.push(...aggregated(payload));
    else {
      assert.ok(type <= 40 && payload.length >= 2);
      nals.push(Uint8Array.from(payload));
    }
  }
  assert.equal(fragments, null, 'the last unit is whole');
  return nals;
}

function aggregated(payload: Uint8Array): readonly Uint8Array[] {
  const nals: Uint8Array[] = [];
  for (let at = 2; at < payload.length; ) {
    const bytes = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
    assert.ok(bytes >= 2 && at + 2 + bytes <= payload.length);
    nals.push(Uint8Array.from(payload.subarray(at + 2, at + 2 + bytes)));
    at += 2 + bytes;
  }
  assert.ok(nals.length > 1, 'an aggregate holds two units at least');
  assert.equal(layerOf(payload), Math.min(...nals.map(layerOf)), 'the lowest layer');
  assert.equal(temporalOf(payload), Math.min(...nals.map(temporalOf)), 'the lowest temporal layer');
  return nals;
}
