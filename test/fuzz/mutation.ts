/** Changes to bytes, as values that fast-check can make smaller. */
import fc from 'fast-check';

type Change =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: 'end'; readonly at: number };

/** Where length fields, counts and signs turn over. */
const edges = [
  0, 1, 2, 4, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0xffffff, 0x7fffffff, 0x80000000, 0xffffffff,
];
const maxBytes = 65_536;

const field = fc
  .tuple(fc.oneof(fc.constantFrom(...edges), fc.nat(0xffff)), fc.constantFrom(1, 2, 3, 4))
  .map(([value, size]) =>
    Uint8Array.from({ length: size }, (_, at) => Math.floor(value / 256 ** (size - 1 - at)) % 256),
  );

function changesOf(words: readonly string[]): fc.Arbitrary<Change> {
  const at = fc.nat();
  const chunk = fc.oneof(
    field,
    fc.uint8Array({ maxLength: 16 }),
    ...(words.length === 0 ? [] : [fc.constantFrom(...words).map((word) => Uint8Array.from(Buffer.from(word)))]),
  );
  return fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('write' as const), at, bytes: field }),
    fc.record({ kind: fc.constant('insert' as const), at, bytes: chunk }),
    fc.record({ kind: fc.constant('remove' as const), at, length: fc.nat(32) }),
    fc.record({ kind: fc.constant('repeat' as const), at, length: fc.nat(64), times: fc.nat(64) }),
    fc.record({ kind: fc.constant('end' as const), at }),
  );
}

function apply(bytes: Uint8Array, change: Change): Uint8Array {
  const at = change.at % (bytes.length + 1);
  const before = bytes.subarray(0, at);
  switch (change.kind) {
    case 'flip': {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << change.bit);
      return flipped;
    }
    case 'write':
      return Buffer.concat([before, change.bytes, bytes.subarray(at + change.bytes.length)]);
    case 'insert':
      return Buffer.concat([before, change.bytes, bytes.subarray(at)]);
    case 'remove':
      return Buffer.concat([before, bytes.subarray(at + change.length)]);
    case 'repeat': {
      const part = bytes.subarray(at, at + change.length);
      return Buffer.concat([before, ...Array.from({ length: change.times }, () => part), bytes.subarray(at)]);
    }
    case 'end':
      return before;
  }
}

/** One of the seeds, some changes to it, and now and then another seed behind it. */
export function mutated(seeds: readonly Uint8Array[], words: readonly string[] = []): fc.Arbitrary<Uint8Array> {
  const seed = fc.constantFrom(...seeds);
  return fc
    .tuple(seed, fc.array(changesOf(words), { maxLength: 6 }), fc.option(seed, { freq: 8 }))
    .map(([first, changes, second]) => {
      const joined = second === null ? first : Buffer.concat([first, second]);
      return Uint8Array.from(changes.reduce(apply, joined).subarray(0, maxBytes));
    });
}
