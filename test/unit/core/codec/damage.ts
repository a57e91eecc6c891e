/** Damaged input for parsers: a parser may refuse it by WireError and by nothing else. */
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';

/** Bytes at random, and the given ones cut, changed and lengthened. */
export function damaged(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
  const mutated = fc
    .record({
      seed: fc.constantFrom(...seeds),
      changes: fc.array(change, { maxLength: 4 }),
      cut: fc.option(fc.nat()),
      tail: fc.uint8Array({ maxLength: 8 }),
    })
    .map(({ seed, changes, cut, tail }) => {
      const bytes = Uint8Array.from([...seed, ...tail]);
      for (const { at, value } of changes) bytes[at % bytes.length] = value;
      return cut === null ? bytes : bytes.subarray(0, cut % bytes.length);
    });
  return fc.oneof({ weight: 4, arbitrary: mutated }, fc.uint8Array({ maxLength: 200 }));
}

/** Runs a parser; gives null where it refused. */
export function orRefused<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
