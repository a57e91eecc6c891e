/**
 * Where the packets of one track lie: one block of shared memory, written by one thread and read by others without a lock.
 *
 * The words of `shared` say which packets are held; packet numbers there are modulo 2^32. The writer moves `first` past a
 * packet before it writes over it, so a reader that still finds `first` at or before a packet after it has used it has
 * read it whole; else what it read is garbage and has to be thrown away. A log that grows moves to new memory, and the
 * old one stays as it was: a reader that does not know the new one reads on in the old.
 */

/** Packet n stands at place n & (capacity - 1) of each ring. */
export interface PacketMemory {
  readonly shared: Int32Array;
  /** Where its payload begins in the arena. */
  readonly offsets: Uint32Array;
  readonly lengths: Uint16Array;
  readonly rtpTs: Uint32Array;
  /** Bit 0: the RTP marker. */
  readonly flags: Uint8Array;
  /** Payloads. */
  readonly arena: Uint8Array;
}

export const sharedWords = {
  /** The oldest packet still held. */
  first: 0,
  /** One past the newest packet that is published. */
  end: 1,
  /** First packet of the newest keyframe; one before `first` where there is none. */
  gopStart: 2,
} as const;

export const markerFlag = 1;
const headerBytes = 16;

/** `capacity`: a power of two. */
export function createPacketMemory(capacity: number, arenaBytes: number): PacketMemory {
  const indexBytes = capacity * (4 + 4 + 2 + 1);
  const block = new SharedArrayBuffer(headerBytes + indexBytes + arenaBytes);
  let at = headerBytes;
  const after = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  return {
    shared: new Int32Array(block, 0, headerBytes / 4),
    offsets: new Uint32Array(block, after(4 * capacity), capacity),
    rtpTs: new Uint32Array(block, after(4 * capacity), capacity),
    lengths: new Uint16Array(block, after(2 * capacity), capacity),
    flags: new Uint8Array(block, after(capacity), capacity),
    arena: new Uint8Array(block, after(arenaBytes), arenaBytes),
  };
}

/** The number that ends in these 32 bits and lies nearest to `near`. */
export const extendNumber = (word: number, near: number): number => near + ((word - near) | 0);
