/** What a reader of a track's packets sees, in the thread that writes them or in another. */
import { markerFlag, type PacketMemory } from './packet-memory.js';

/** Packets are numbered 0, 1, 2, ... for ever. Asking for one outside first..end-1 is a RangeError. */
export interface PacketReader {
  /** The oldest packet still held; equal to `end` when there is none. */
  readonly first: number;
  /** One past the newest packet. */
  readonly end: number;
  /** First packet of the newest keyframe; null when none came, or when it has left the log. */
  readonly gopStart: number | null;
  /** Where all of it lies, for a reader in native code; another object after the history has grown. */
  readonly memory: PacketMemory;
  /** Asked after it was read: false when it may have been written over meanwhile, and what was read is garbage. */
  holds(packet: number): boolean;
  marker(packet: number): boolean;
  rtpTs(packet: number): number;
  /** A view, valid while `holds` says so, and until the next `append` of the same thread. */
  payload(packet: number): Uint8Array;
}

/**
 * The window of packets that one side knows of, and how they are read. The writer and a view in another thread differ only in how they
 * move the window.
 */
export class HeldPackets implements Omit<PacketReader, 'holds'> {
  first = 0;
  end = 0;
  gopStart: number | null = null;
  memory: PacketMemory;

  constructor(memory: PacketMemory) {
    this.memory = memory;
  }

  marker(packet: number): boolean {
    return ((this.memory.flags[this.#placeOf(packet)] ?? 0) & markerFlag) !== 0;
  }

  rtpTs(packet: number): number {
    return this.memory.rtpTs[this.#placeOf(packet)] ?? 0;
  }

  payload(packet: number): Uint8Array {
    const place = this.#placeOf(packet);
    const { arena, offsets, lengths } = this.memory;
    const offset = offsets[place] ?? 0;
    return arena.subarray(offset, offset + (lengths[place] ?? 0));
  }

  #placeOf(packet: number): number {
    if (packet >= this.first && packet < this.end) return packet & (this.memory.flags.length - 1);
    throw new RangeError(`packet ${packet} is not in the history (${this.first} to ${this.end})`);
  }
}
