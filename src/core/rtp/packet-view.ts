/**
 * The packets of a history that another thread writes. What is held is looked at when `refresh` is called and stays the same
 * until the next time, so that one turn of work sees one state; only `holds` looks at what is true at the moment.
 */
import { createPacketMemory, extendNumber, type PacketMemory, sharedWords } from './packet-memory.js';
import { HeldPackets, type PacketReader } from './packet-reader.js';

export interface PacketView extends PacketReader {
  /**
   * Reads from this memory of the history from now on; `near` is its first packet, or was less than 2^31 packets ago. What
   * is new there shows with the next `refresh`.
   */
  attach(memory: PacketMemory, near: number): void;
  /** Looks again; true when there is something new to be sent, or to begin with. */
  refresh(): boolean;
}

/** Empty until the first `attach`. */
export function createPacketView(): PacketView {
  return new View(createPacketMemory(1, 0));
}

class View extends HeldPackets implements PacketView {
  /** A reader's loads of packets come before its look at `first`, on every processor (see `holds`). */
  readonly #fence = new Int32Array(1);

  holds(packet: number): boolean {
    Atomics.store(this.#fence, 0, 0);
    return packet >= this.#firstNow() && packet < this.end;
  }

  attach(memory: PacketMemory, near: number): void {
    this.memory = memory;
    this.first = near;
    this.end = Math.max(this.end, near);
    if (this.gopStart !== null && this.gopStart < near) this.gopStart = null;
  }

  refresh(): boolean {
    const { end, gopStart } = this;
    const { shared } = this.memory;
    this.end = extendNumber(Atomics.load(shared, sharedWords.end), end);
    const gop = extendNumber(Atomics.load(shared, sharedWords.gopStart), this.end);
    this.first = this.#firstNow();
    // What was appended may have pushed out all that is published.
    this.end = Math.max(this.end, this.first);
    this.gopStart = gop >= this.first && gop < this.end ? gop : null;
    return this.end !== end || this.gopStart !== gopStart;
  }

  #firstNow(): number {
    return extendNumber(Atomics.load(this.memory.shared, sharedWords.first), this.first);
  }
}
