/** Transport-wide feedback as a receiver writes it (draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1). */

export interface TwccToWrite {
  readonly firstSequence: number;
  /** In units of 64 ms. */
  readonly reference64ms: number;
  /** After the reference time, or after the packet before it that came, in steps of 0.25 ms; null: it did not come. */
  readonly deltas: readonly (number | null)[];
  /** True: vectors of two bits and of one in turns, in place of runs. */
  readonly vectors?: boolean;
}

const symbolOf = (delta: number | null): number => {
  if (delta === null) return 0;
  return delta >= 0 && delta <= 255 ? 1 : 2;
};

function runs(symbols: readonly number[]): number[] {
  const chunks: number[] = [];
  for (let at = 0; at < symbols.length; ) {
    const symbol = symbols[at] ?? 0;
    let length = 1;
    while (length < 8191 && symbols[at + length] === symbol) length += 1;
    chunks.push((symbol << 13) | length);
    at += length;
  }
  return chunks;
}

function vectors(symbols: readonly number[]): number[] {
  const chunks: number[] = [];
  for (let at = 0; at < symbols.length; ) {
    const narrow = symbols.slice(at, at + 14);
    const isNarrow = chunks.length % 2 === 0 && narrow.every((symbol) => symbol < 2);
    const taken = isNarrow ? narrow : symbols.slice(at, at + 7);
    const bits = isNarrow ? 1 : 2;
    const packed = taken.reduce((sum, symbol, n) => sum | (symbol << (14 - bits * (n + 1))), 0);
    chunks.push(0x8000 | (isNarrow ? 0 : 0x4000) | packed);
    at += taken.length;
  }
  return chunks;
}

/** What follows the two sources of the feedback packet. */
export function writeTwccBody({ firstSequence, reference64ms, deltas, ...how }: TwccToWrite): Buffer {
  const symbols = deltas.map(symbolOf);
  const chunks = how.vectors === true ? vectors(symbols) : runs(symbols);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(firstSequence, 0);
  head.writeUInt16BE(deltas.length, 2);
  head.writeUIntBE(reference64ms, 4, 3);
  const ticks = deltas.flatMap((delta) => {
    if (delta === null) return [];
    return symbolOf(delta) === 1 ? [delta] : [(delta >> 8) & 0xff, delta & 0xff];
  });
  return Buffer.concat([head, Buffer.from(chunks.flatMap((chunk) => [chunk >> 8, chunk & 0xff])), Buffer.from(ticks)]);
}

/** A whole RTCP packet, padded (RFC 3550 6.4.1) to words. */
export function writeTwccFeedback(mediaSsrc: number, twcc: TwccToWrite): Buffer {
  const body = writeTwccBody(twcc);
  const padding = (4 - (body.length % 4)) % 4;
  const packet = Buffer.concat([Buffer.alloc(12), body, Buffer.alloc(padding)]);
  packet.writeUInt8(0x80 | (padding > 0 ? 0x20 : 0) | 15, 0);
  packet.writeUInt8(205, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  if (padding > 0) packet.writeUInt8(padding, packet.length - 1);
  return packet;
}
