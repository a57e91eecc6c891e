/**
 * The RTP payloads of one track, packed once and then never changed. One history serves a new viewer (the newest group of
 * frames is the cache) and a viewer that lost something (the same packets are the history for NACK), in this thread and,
 * through a view (packet-view.ts), in others.
 *
 * Payloads lie one behind the other in one ring of bytes, what is known of them in numeric rings beside it: what reads them
 * needs no object for each packet. Memory follows need: the rings start small and double, up to the limits, only
 * while the newest GOP and a short history would not fit otherwise.
 */
import { createPacketMemory, markerFlag, sharedWords } from './packet-memory.js';
import { HeldPackets, type PacketReader } from './packet-reader.js';

/** Kept even when a new GOP has begun, for viewers that lost packets just before: 1 to 2 s. */
const historyPackets = 512;
const startBytes = 65_536;
const startPackets = 512;
/** On the average: frames are cut into payloads of 1,200 bytes at most, as a rule. */
const usualPayloadBytes = 800;
/** Payload lengths are held in 16 bits. */
const maxPayloadBytes = 65_535;
/** Less one, a mask. */
const wordBytes = 8;

export interface RtpHistoryOptions {
  /** Limit of all payloads together; not below the largest payload. */
  readonly maxBytes: number;
  readonly maxPackets: number;
}

export interface NewPacket {
  readonly payloadBytes: number;
  /** Unsigned, 32 bits. */
  readonly rtpTs: number;
  /** The RTP marker bit: last packet of a frame (RFC 6184 5.1). */
  readonly marker: boolean;
  /** True for the first packet of a frame that decoding can begin with. */
  readonly startsGop: boolean;
  /**
   * Where in its own memory lies what is to be copied to the beginning of the payload. V8 copies into shared memory word by word
   * where both lie alike within a word, else byte by byte. Without it: anywhere.
   */
  readonly sourceAt?: number;
}

export interface RtpHistory extends PacketReader {
  /** Sum of the payloads held. */
  readonly sizeBytes: number;
  /**
   * Adds a packet, old ones leaving as the limits demand. Gives the place of its payload, which the caller fills
   * before anything else reads the log. RangeError for a payload that is empty or beyond the limits.
   */
  append(packet: NewPacket): Uint8Array;
  /** No viewer may begin with the newest GOP any more; `gopStart` is null until the next one. */
  forgetGop(): void;
  /** So many bytes of payloads are about to come at once: room is made for them in one step. */
  reserve(bytes: number): void;
  /** Drops all packets, and gives back the memory that they had grown to. */
  clear(): void;
  /** Shows other threads what was appended, which must be filled by now. Until then they see what was there before. */
  publish(): void;
}

export function createRtpHistory(options: RtpHistoryOptions): RtpHistory {
  return new History(options);
}

class History extends HeldPackets implements RtpHistory {
  sizeBytes = 0;
  readonly #maxBytes: number;
  readonly #maxPackets: number;
  #capacity = startPackets;
  #publishedEnd = 0;
  /** Where the next payload goes if there is room up to the oldest one, or up to the end of the arena. */
  #writeAt = 0;

  constructor({ maxBytes, maxPackets }: RtpHistoryOptions) {
    super(createPacketMemory(startPackets, Math.min(startBytes, maxBytes)));
    this.#maxBytes = maxBytes;
    this.#maxPackets = maxPackets;
  }

  holds(packet: number): boolean {
    return packet >= this.first && packet < this.end;
  }

  append({ payloadBytes, rtpTs, marker, startsGop, sourceAt }: NewPacket): Uint8Array {
    if (payloadBytes < 1 || payloadBytes > Math.min(this.#maxBytes, maxPayloadBytes)) {
      throw new RangeError(`a payload of ${payloadBytes} bytes does not fit`);
    }
    const offset = this.#makeRoom(payloadBytes, sourceAt);
    this.#share(sharedWords.first, this.first);
    const packet = this.end;
    const place = packet & (this.#capacity - 1);
    const { memory } = this;
    memory.offsets[place] = offset;
    memory.lengths[place] = payloadBytes;
    memory.rtpTs[place] = rtpTs;
    memory.flags[place] = marker ? markerFlag : 0;
    this.#writeAt = offset + payloadBytes;
    this.sizeBytes += payloadBytes;
    this.end += 1;
    if (startsGop) this.gopStart = packet;
    return memory.arena.subarray(offset, this.#writeAt);
  }

  forgetGop(): void {
    this.gopStart = null;
    this.#tellGop();
  }

  reserve(bytes: number): void {
    let arenaBytes = this.memory.arena.length;
    while (arenaBytes < this.#maxBytes && arenaBytes < bytes) arenaBytes = Math.min(this.#maxBytes, arenaBytes * 2);
    let capacity = this.#capacity;
    while (capacity < this.#maxPackets && capacity < bytes / usualPayloadBytes) capacity *= 2;
    if (arenaBytes > this.memory.arena.length || capacity > this.#capacity) this.#move(capacity, arenaBytes);
  }

  clear(): void {
    this.publish();
    this.first = this.end;
    this.gopStart = null;
    this.sizeBytes = 0;
    if (this.memory.arena.length > startBytes) this.#move(startPackets, Math.min(startBytes, this.#maxBytes));
    else this.#tellGop();
  }

  publish(): void {
    this.#publishedEnd = this.end;
    this.#tellGop();
    this.#share(sharedWords.end, this.end);
  }

  #evict(): void {
    this.sizeBytes -= this.memory.lengths[this.first & (this.#capacity - 1)] ?? 0;
    this.first += 1;
    if (this.gopStart !== null && this.gopStart < this.first) this.gopStart = null;
  }

  /** True while the oldest packet is worth more memory: a viewer may yet need it. */
  #oldestIsNeeded(): boolean {
    return this.first >= Math.min(this.gopStart ?? this.end, this.end - historyPackets);
  }

  /** The load keeps what is written next from being seen before what is stored here, on every processor. */
  #share(word: number, packet: number): void {
    Atomics.store(this.memory.shared, word, packet);
    Atomics.load(this.memory.shared, word);
  }

  #tellGop(): void {
    this.#share(sharedWords.gopStart, this.gopStart ?? this.first - 1);
  }

  /** To new memory, payloads end to end from its beginning. */
  #move(capacity: number, arenaBytes: number): void {
    const old = this.memory;
    const oldMask = this.#capacity - 1;
    const memory = createPacketMemory(capacity, arenaBytes);
    let offset = 0;
    for (let packet = this.first; packet < this.end; packet += 1) {
      const from = packet & oldMask;
      const to = packet & (capacity - 1);
      const oldOffset = old.offsets[from] ?? 0;
      const length = old.lengths[from] ?? 0;
      memory.arena.set(old.arena.subarray(oldOffset, oldOffset + length), offset);
      memory.offsets[to] = offset;
      memory.lengths[to] = length;
      memory.rtpTs[to] = old.rtpTs[from] ?? 0;
      memory.flags[to] = old.flags[from] ?? 0;
      offset += length;
    }
    this.memory = memory;
    this.#capacity = capacity;
    this.#writeAt = offset;
    this.#share(sharedWords.first, this.first);
    this.#tellGop();
    this.#share(sharedWords.end, this.#publishedEnd);
  }

  /** The offset of a free stretch in the ring; null when the oldest packet is in the way. */
  #freeOffset(bytes: number, sourceAt: number | undefined): number | null {
    const { arena, offsets } = this.memory;
    if (this.first === this.end) return fit(0, arena.length, bytes, sourceAt);
    const oldest = offsets[this.first & (this.#capacity - 1)] ?? 0;
    // Not above the oldest although packets are held: the ring has come round, and the free stretch ends there.
    if (this.#writeAt <= oldest) return fit(this.#writeAt, oldest, bytes, sourceAt);
    return fit(this.#writeAt, arena.length, bytes, sourceAt) ?? fit(0, oldest, bytes, sourceAt);
  }

  #makeRoom(bytes: number, sourceAt: number | undefined): number {
    while (this.end - this.first >= Math.min(this.#capacity, this.#maxPackets)) {
      const mayGrow = this.end - this.first < this.#maxPackets && this.#oldestIsNeeded();
      if (mayGrow) this.#move(this.#capacity * 2, this.memory.arena.length);
      else this.#evict();
    }
    for (;;) {
      const offset = this.#freeOffset(bytes, sourceAt);
      if (offset !== null) return offset;
      const { length } = this.memory.arena;
      const mayGrow = length < this.#maxBytes && (this.first === this.end || this.#oldestIsNeeded());
      if (mayGrow) this.#move(this.#capacity, Math.min(this.#maxBytes, length * 2));
      else this.#evict();
    }
  }
}

/** A place for so many bytes between the two, which lies within a word as `sourceAt` does if there is room for that; null: none. */
function fit(from: number, to: number, bytes: number, sourceAt: number | undefined): number | null {
  if (from + bytes > to) return null;
  const alike = sourceAt === undefined ? from : from + ((sourceAt - from) & (wordBytes - 1));
  return alike + bytes <= to ? alike : from;
}
