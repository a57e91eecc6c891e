/**
 * What a peer may make us hold, checked before anything is allocated. No real source comes near these figures.
 */

/** Chunk streams that a peer may open on a connection: the protocol has 65,598, servers use some ten. */
export const maxChunkStreams = 64;

/** A message's body is allocated up to this at its first chunk; beyond, only as its bytes arrive. */
export const firstBodyBytes = 65_536;

/**
 * Bytes allocated for all unfinished messages of a connection, for a given limit of one message: that one, and a
 * first allocation on every chunk stream. While a body grows, half of a message comes on top: 16 MiB in all for
 * messages of 8 MiB.
 */
export function maxHeldBytes(maxMessageBytes: number): number {
  return maxMessageBytes + maxChunkStreams * firstBodyBytes;
}

export interface AmfLimits {
  /** Containers inside each other. */
  readonly depth: number;
  /** Values in all, those in containers counted, and those behind a reference once per reference. */
  readonly values: number;
  /** Bytes of all strings, keys and byte arrays, counted likewise. */
  readonly textBytes: number;
}

/** Room for the key frame index of a film of some hours; the deepest dialogue seen has four levels. */
export const amfLimits: AmfLimits = { depth: 16, values: 32_768, textBytes: 1_048_576 };
