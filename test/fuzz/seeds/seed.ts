/** By target, by name. */
export type Seeds = Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>;

export const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
export const fromText = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

/** Rows of a table that has its bytes in hexadecimal. */
export const tableOf = (table: Readonly<Record<string, string>>): [what: string, bytes: Uint8Array][] =>
  Object.entries(table).map(([what, hex]) => [what, fromHex(hex)]);

/** Samples with names made of words. */
export function named(rows: readonly (readonly [what: string, bytes: Uint8Array])[]): Record<string, Uint8Array> {
  const samples: Record<string, Uint8Array> = {};
  for (const [what, bytes] of rows) {
    const words = what
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 60);
    const name = Object.hasOwn(samples, words) || words === '' ? `${words}-${Object.keys(samples).length}` : words;
    samples[name] = bytes;
  }
  return samples;
}
