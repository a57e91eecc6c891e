/** What a reader of a track's packets sees, in the thread that writes them or in another. */
import { markerFlag, type PacketMemory } from './packet-memory.js';

/** Packets are numbered 0, 1, 2, ... for ever. Asking for one outside first..end-1 is a RangeError. */
export interface PacketReader {
  /** The oldest packet still held; equal to `end` when there is none. */
  readonly first: number;
  /** One past the newest packet. */
  readonly end: number;
  /** First packet of the newest key picture; null when none came, or when it has left the log. */
  readonly gopStart: number | null;
  /** Where all of it lies, for a reader in native code; another object after the log has grown. */
  readonly memory: PacketMemory;
  /** Asked after it was read: false when it may have been written over meanwhile, and what was read is garbage. */
  holds(packet: number): boolean;
  marker(packet: number): boolean;
  rtpTs(packet: number): number;
  /** A view, valid while `holds` says so, and until the next `append` of the same thread. */
  payload(packet: number): Uint8Array;
}

type Window = Pick<PacketReader, 'first' | 'end' | 'memory'>;

export function checkedPlace({ first, end, memory }: Window, packet: number): number {
  if (packet >= first && packet < end) return packet & (memory.flags.length - 1);
  throw new RangeError(`packet ${packet} is not in the log (${first} to ${end})`);
}

/** The look-ups of one packet, over the window that is seen at the time. */
export function readPackets(window: Window): Pick<PacketReader, 'marker' | 'rtpTs' | 'payload'> {
  return {
    marker: (packet) => ((window.memory.flags[checkedPlace(window, packet)] ?? 0) & markerFlag) !== 0,
    rtpTs: (packet) => window.memory.rtpTs[checkedPlace(window, packet)] ?? 0,
    payload(packet) {
      const place = checkedPlace(window, packet);
      const { arena, offsets, lengths } = window.memory;
      const offset = offsets[place] ?? 0;
      return arena.subarray(offset, offset + (lengths[place] ?? 0));
    },
  };
}
