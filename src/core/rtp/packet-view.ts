/**
 * The packets of a log that another thread writes. What is held is looked at when `refresh` is called and stays the same
 * until the next time, so that one turn of work sees one state; only `holds` looks at what is true at the moment.
 */
import { createPacketMemory, extendNumber, type PacketMemory, sharedWords } from './packet-memory.js';
import { type PacketReader, readPackets } from './packet-reader.js';

export interface PacketView extends PacketReader {
  /**
   * Reads from this memory of the log from now on; `near` is its first packet, or was less than 2^31 packets ago. What
   * is new there shows with the next `refresh`.
   */
  attach(memory: PacketMemory, near: number): void;
  /** Looks again; true when there is something new to be sent, or to begin with. */
  refresh(): boolean;
}

/** Empty until the first `attach`. */
export function createPacketView(): PacketView {
  let memory = createPacketMemory(1, 0);
  let first = 0;
  let end = 0;
  let gopStart: number | null = null;
  /** A reader's loads of packets come before its look at `first`, on every processor (see `holds`). */
  const fence = new Int32Array(1);

  const firstNow = (): number => extendNumber(Atomics.load(memory.shared, sharedWords.first), first);

  const refresh = (): boolean => {
    const before = { end, gopStart };
    end = extendNumber(Atomics.load(memory.shared, sharedWords.end), end);
    const gop = extendNumber(Atomics.load(memory.shared, sharedWords.gopStart), end);
    first = firstNow();
    // What was appended may have pushed out all that is published.
    end = Math.max(end, first);
    gopStart = gop >= first && gop < end ? gop : null;
    return end !== before.end || gopStart !== before.gopStart;
  };

  const view: PacketView = {
    get first() {
      return first;
    },
    get end() {
      return end;
    },
    get gopStart() {
      return gopStart;
    },
    get memory() {
      return memory;
    },
    holds(packet) {
      Atomics.store(fence, 0, 0);
      return packet >= firstNow() && packet < end;
    },
    marker: (packet) => look.marker(packet),
    rtpTs: (packet) => look.rtpTs(packet),
    payload: (packet) => look.payload(packet),
    attach(next, near) {
      memory = next;
      first = near;
      end = Math.max(end, near);
      if (gopStart !== null && gopStart < first) gopStart = null;
    },
    refresh,
  };
  const look = readPackets(view);
  return view;
}
