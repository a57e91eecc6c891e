/** Puts frames of VP8 (RFC 7741) and VP9 (RFC 9628) together again from RTP payloads, by the letter of each. */
import assert from 'node:assert/strict';

export interface VpxFrame {
  readonly data: Uint8Array;
  readonly pictureId: number;
  /** VP9: predicted from the frame so far before; null from none. */
  readonly frameDifference: number | null;
  /** VP9: of the scalability structure; null without one. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

/** The one frame that these are the packets of. */
export function depacketiseVp8(payloads: readonly Uint8Array[]): VpxFrame {
  const data: number[] = [];
  const ids = new Set<number>();
  for (const [n, payload] of payloads.entries()) {
    const [first = 0, extension = 0, high = 0, low = 0] = payload;
    assert.equal(first & 0x80, 0x80, 'X: extension bits follow');
    assert.equal(first & 0x6f, 0, 'R, N, R and partition 0');
    assert.equal((first & 0x10) !== 0, n === 0, 'S: the first packet alone begins the partition');
    assert.equal(extension, 0x80, 'a picture id and nothing else');
    assert.equal(high & 0x80, 0x80, 'of 15 bits');
    ids.add(((high & 0x7f) << 8) | low);
    data.push(...payload.subarray(4));
    assert.ok(payload.length > 4);
  }
  assert.equal(ids.size, 1);
  return { data: Uint8Array.from(data), pictureId: [...ids][0] ?? -1, frameDifference: null, size: null };
}

/** The one frame that these are the packets of. */
export function depacketiseVp9(payloads: readonly Uint8Array[]): VpxFrame {
  const data: number[] = [];
  const heads = payloads.map((payload, n) => {
    const head = readVp9Descriptor(payload);
    assert.equal(head.begins, n === 0, 'B');
    assert.equal(head.ends, n === payloads.length - 1, 'E');
    assert.equal(head.size !== null && n > 0, false, 'a scalability structure only at the beginning');
    assert.ok(head.at < payload.length, 'no packet is without data');
    data.push(...payload.subarray(head.at));
    return head;
  });
  const [first] = heads;
  assert.ok(first !== undefined);
  for (const { pictureId, frameDifference } of heads) {
    assert.deepEqual([pictureId, frameDifference], [first.pictureId, first.frameDifference]);
  }
  return { data: Uint8Array.from(data), ...first };
}

function readVp9Descriptor(payload: Uint8Array) {
  const first = payload[0] ?? 0;
  const byte = (at: number): number => payload[at] ?? 0;
  assert.equal(first & 0xb1, 0x90, 'I and F set, L and Z not');
  assert.equal(byte(1) & 0x80, 0x80, 'a picture id of 15 bits');
  const pictureId = ((byte(1) & 0x7f) << 8) | byte(2);
  let at = 3;
  let frameDifference: number | null = null;
  if ((first & 0x40) !== 0) {
    assert.equal(byte(at) & 1, 0, 'N: no further reference');
    frameDifference = byte(at) >> 1;
    at += 1;
  }
  let size: VpxFrame['size'] = null;
  if ((first & 0x02) !== 0) {
    assert.equal(byte(at), 0x10, 'one spatial layer, its size, no GOP');
    size = { width: (byte(at + 1) << 8) | byte(at + 2), height: (byte(at + 3) << 8) | byte(at + 4) };
    at += 5;
  }
  return { begins: (first & 0x08) !== 0, ends: (first & 0x04) !== 0, pictureId, frameDifference, size, at };
}
