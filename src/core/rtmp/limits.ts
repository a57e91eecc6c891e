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
