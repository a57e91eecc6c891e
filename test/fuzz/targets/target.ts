import type fc from 'fast-check';
import { WireError } from '../../../src/core/bytes/wire-error.js';

/** Hands bytes to a parser of ours. What it throws other than WireError is a finding. */
export interface FuzzTarget {
  readonly run: (data: Uint8Array) => void;
  /** Bytes that are nearly right, for what blind changes would never reach. */
  readonly structured?: fc.Arbitrary<Uint8Array>;
  /** What one input may take; 50 where strangers send it. */
  readonly maxMs?: number;
  /** Words of the format, which changes put in. */
  readonly words?: readonly string[];
}

/** What a parser gives; null where it refused the bytes. */
export function orRefused<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** For what is never to throw at all: its WireError is a finding too. */
export function never(run: (data: Uint8Array) => void): (data: Uint8Array) => void {
  return (data) => {
    try {
      run(data);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      throw new Error(`it is never to throw: ${error.message}`);
    }
  };
}

/** The bytes in pieces of these sizes, round and round: each a copy, as a socket gives them. */
export function cutInto(data: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < data.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(data.slice(at, at + size));
    at += size;
  }
  return pieces;
}

export const textOf = (data: Uint8Array): string => Buffer.from(data).toString('utf8');
