/** Puts OBUs together again from RTP payloads, by the letter of the AV1 payload format and not by our packetiser. */
import assert from 'node:assert/strict';

/** OBUs without size fields. */
export function depacketiseAv1(payloads: readonly Uint8Array[]): readonly Uint8Array[] {
  const obus: number[][] = [];
  let isOpen = false;
  for (const payload of payloads) {
    const header = payload[0] ?? 0;
    assert.equal(header & 0x07, 0, 'the reserved bits are 0');
    const [continues, leavesOpen] = [(header & 0x80) !== 0, (header & 0x40) !== 0];
    assert.equal(continues, isOpen, 'Z says whether the first element continues one');
    const elements = elementsOf(payload, (header >> 4) & 3);
    for (const [n, element] of elements.entries()) {
      assert.ok(element.length > 0, 'no element is empty');
      if (n === 0 && continues) obus.at(-1)?.push(...element);
      else obus.push([...element]);
    }
    isOpen = leavesOpen;
  }
  assert.ok(!isOpen, 'the last OBU is whole');
  for (const obu of obus) {
    assert.equal((obu[0] ?? 0) & 0x02, 0, 'no OBU has a size field');
    assert.notEqual(((obu[0] ?? 0) >> 3) & 15, 2, 'no temporal delimiter');
  }
  return obus.map((obu) => Uint8Array.from(obu));
}

function elementsOf(payload: Uint8Array, count: number): readonly Uint8Array[] {
  const elements: Uint8Array[] = [];
  let at = 1;
  while (at < payload.length) {
    let bytes = payload.length - at;
    if (count === 0 || elements.length < count - 1) {
      bytes = 0;
      let shift = 0;
      for (let more = true; more; at += 1, shift += 7) {
        const byte = payload[at] ?? 0;
        bytes |= (byte & 0x7f) << shift;
        more = byte >= 128;
      }
    }
    assert.ok(at + bytes <= payload.length);
    elements.push(payload.subarray(at, at + bytes));
    at += bytes;
  }
  if (count > 0) assert.equal(elements.length, count, 'W counts the elements');
  return elements;
}
