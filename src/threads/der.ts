/** The part of DER (ITU-T X.690) that a certificate needs. Every function returns one encoded value. */

const tags = { integer: 0x02, bitString: 0x03, oid: 0x06, utf8String: 0x0c, utcTime: 0x17, sequence: 0x30, set: 0x31 };

/** A value of any tag. */
export function derValue(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const head = content.length < 128 ? [content.length] : [0x80 | length.length, ...length];
  return Buffer.concat([Uint8Array.of(tag, ...head), content]);
}

export const derSequence = (...items: readonly Uint8Array[]): Uint8Array => derValue(tags.sequence, ...items);

export const derSet = (...items: readonly Uint8Array[]): Uint8Array => derValue(tags.set, ...items);

/** A positive integer from its bytes, big-endian. Leading zeros are dropped; a zero byte keeps it positive (8.3). */
export function derInteger(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  return derValue(tags.integer, (digits[0] ?? 0) >= 128 ? Uint8Array.of(0) : new Uint8Array(), digits);
}

/** Without unused bits (8.6). */
export const derBitString = (bytes: Uint8Array): Uint8Array => derValue(tags.bitString, Uint8Array.of(0), bytes);

/** "1.2.840.10045.4.3.2" (8.19). */
export function derOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((part) => {
    const groups: number[] = [part % 128];
    for (let high = Math.floor(part / 128); high > 0; high = Math.floor(high / 128))
      groups.unshift(0x80 | (high % 128));
    return groups;
  });
  return derValue(tags.oid, Uint8Array.of(first * 40 + second, ...bytes));
}

export const derUtf8 = (text: string): Uint8Array => derValue(tags.utf8String, Buffer.from(text));

/** Years 1950 to 2049 (RFC 5280 4.1.2.5.1). */
export function derUtcTime(utcMs: number): Uint8Array {
  const digits = new Date(utcMs).toISOString().replace(/\D/g, '').slice(2, 14);
  return derValue(tags.utcTime, Buffer.from(`${digits}Z`));
}

/** Context-specific and constructed: [number] EXPLICIT. */
export const derExplicit = (number: number, item: Uint8Array): Uint8Array => derValue(0xa0 | number, item);
