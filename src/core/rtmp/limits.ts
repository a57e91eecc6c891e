/**
 * What a peer may make us hold, checked before anything is allocated. No real source comes near these figures.
 */

/**
 * Chunk streams that a peer may open on a connection: the protocol has 65,598, servers use some ten. Each costs some 200
 * bytes; a peer that opens more has lost its place.
 */
export const maxChunkStreams = 4096;

/** A message's body is allocated up to this at its first chunk; beyond, only as its bytes arrive. */
export const firstBodyBytes = 65_536;

/** Messages that may have begun at once beside the longest one, with a first allocation each. */
const maxBegun = 64;

/**
 * Bytes allocated for all unfinished messages of a connection, for a given limit of one message: that one, and the
 * first allocation of 64 others. While a body grows, half of a message comes on top: 16 MiB in all for messages of
 * 8 MiB. Beyond it the message that got no bytes for longest is given up.
 */
export function maxHeldBytes(maxMessageBytes: number): number {
  return maxMessageBytes + maxBegun * firstBodyBytes;
}
