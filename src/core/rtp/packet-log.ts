/**
 * The RTP payloads of one track, packed once and then never changed. One log serves a new viewer (the newest group of
 * pictures is the cache) and a viewer that lost something (the same packets are the history for NACK), in this thread and,
 * through a view (packet-view.ts), in others.
 *
 * Payloads lie end to end in one ring of bytes, what is known of them in numeric rings beside it: what reads them
 * needs no object for each packet. Memory follows need: the rings start small and double, up to the limits, only
 * while the newest group of pictures and a short history would not fit otherwise.
 */
import { createPacketMemory, markerFlag, sharedWords } from './packet-memory.js';
import { type PacketReader, readPackets } from './packet-reader.js';

/** Kept even when a new group of pictures has begun, for viewers that lost packets just before: 1 to 2 s. */
const historyPackets = 512;
const startBytes = 65_536;
const startPackets = 512;
/** Payload lengths are held in 16 bits. */
const maxPayloadBytes = 65_535;

export interface PacketLogOptions {
  /** Limit of all payloads together; not below the largest payload. */
  readonly maxBytes: number;
  readonly maxPackets: number;
}

export interface NewPacket {
  readonly payloadBytes: number;
  /** Unsigned, 32 bits. */
  readonly rtpTs: number;
  /** The RTP marker bit: last packet of a picture (RFC 6184 5.1). */
  readonly marker: boolean;
  /** True for the first packet of a picture that decoding can begin with. */
  readonly startsGop: boolean;
}

export interface PacketLog extends PacketReader {
  /** Sum of the payloads held. */
  readonly sizeBytes: number;
  /**
   * Adds a packet, old ones leaving as the limits demand. Gives the place of its payload, which the caller fills
   * before anything else reads the log. RangeError for a payload that is empty or beyond the limits.
   */
  append(packet: NewPacket): Uint8Array;
  /** No viewer may begin with the newest group of pictures any more; `gopStart` is null until the next one. */
  forgetGop(): void;
  /** Shows other threads what was appended, which must be filled by now. Until then they see what was there before. */
  publish(): void;
}

export function createPacketLog({ maxBytes, maxPackets }: PacketLogOptions): PacketLog {
  let memory = createPacketMemory(startPackets, Math.min(startBytes, maxBytes));
  let capacity = startPackets;
  let first = 0;
  let end = 0;
  let publishedEnd = 0;
  let gopStart: number | null = null;
  let sizeBytes = 0;
  /** Where the next payload goes if there is room up to the oldest one, or up to the end of the arena. */
  let writeAt = 0;

  const placeOf = (packet: number): number => packet & (capacity - 1);
  const offsetOf = (packet: number): number => memory.offsets[placeOf(packet)] ?? 0;
  const lengthOf = (packet: number): number => memory.lengths[placeOf(packet)] ?? 0;

  const evict = (): void => {
    sizeBytes -= lengthOf(first);
    first += 1;
    if (gopStart !== null && gopStart < first) gopStart = null;
  };

  /** True while the oldest packet is worth more memory: a viewer may yet need it. */
  const oldestIsNeeded = (): boolean => first >= Math.min(gopStart ?? end, end - historyPackets);

  /** The load keeps what is written next from being seen before what is stored here, on every processor. */
  const tell = (word: number, packet: number): void => {
    Atomics.store(memory.shared, word, packet);
    Atomics.load(memory.shared, word);
  };

  const tellGop = (): void => tell(sharedWords.gopStart, gopStart ?? first - 1);

  /** To new memory, payloads end to end from its beginning. */
  const grow = (newCapacity: number, arenaBytes: number): void => {
    const old = memory;
    const oldMask = capacity - 1;
    capacity = newCapacity;
    memory = createPacketMemory(capacity, arenaBytes);
    let offset = 0;
    for (let packet = first; packet < end; packet += 1) {
      const from = packet & oldMask;
      const to = placeOf(packet);
      const oldOffset = old.offsets[from] ?? 0;
      const length = old.lengths[from] ?? 0;
      memory.arena.set(old.arena.subarray(oldOffset, oldOffset + length), offset);
      memory.offsets[to] = offset;
      memory.lengths[to] = length;
      memory.rtpTs[to] = old.rtpTs[from] ?? 0;
      memory.flags[to] = old.flags[from] ?? 0;
      offset += length;
    }
    writeAt = offset;
    tell(sharedWords.first, first);
    tellGop();
    tell(sharedWords.end, publishedEnd);
  };

  /** The offset of a free stretch in the ring; null when the oldest packet is in the way. */
  const freeOffset = (bytes: number): number | null => {
    const { length } = memory.arena;
    if (first === end) return bytes <= length ? 0 : null;
    const oldest = offsetOf(first);
    // Not above the oldest although packets are held: the ring has come round, and the free stretch ends there.
    if (writeAt <= oldest) return writeAt + bytes <= oldest ? writeAt : null;
    if (writeAt + bytes <= length) return writeAt;
    return bytes <= oldest ? 0 : null;
  };

  const makeRoom = (bytes: number): number => {
    while (end - first >= Math.min(capacity, maxPackets)) {
      if (end - first < maxPackets && oldestIsNeeded()) grow(capacity * 2, memory.arena.length);
      else evict();
    }
    for (;;) {
      const offset = freeOffset(bytes);
      if (offset !== null) return offset;
      const { length } = memory.arena;
      if (length < maxBytes && (first === end || oldestIsNeeded())) grow(capacity, Math.min(maxBytes, length * 2));
      else evict();
    }
  };

  const log: PacketLog = {
    get first() {
      return first;
    },
    get end() {
      return end;
    },
    get gopStart() {
      return gopStart;
    },
    get sizeBytes() {
      return sizeBytes;
    },
    get memory() {
      return memory;
    },
    holds: (packet) => packet >= first && packet < end,
    marker: (packet) => look.marker(packet),
    rtpTs: (packet) => look.rtpTs(packet),
    payload: (packet) => look.payload(packet),
    append({ payloadBytes, rtpTs, marker, startsGop }) {
      if (payloadBytes < 1 || payloadBytes > Math.min(maxBytes, maxPayloadBytes)) {
        throw new RangeError(`a payload of ${payloadBytes} bytes does not fit`);
      }
      const offset = makeRoom(payloadBytes);
      tell(sharedWords.first, first);
      const packet = end;
      const place = placeOf(packet);
      memory.offsets[place] = offset;
      memory.lengths[place] = payloadBytes;
      memory.rtpTs[place] = rtpTs;
      memory.flags[place] = marker ? markerFlag : 0;
      writeAt = offset + payloadBytes;
      sizeBytes += payloadBytes;
      end += 1;
      if (startsGop) gopStart = packet;
      return memory.arena.subarray(offset, writeAt);
    },
    forgetGop() {
      gopStart = null;
      tellGop();
    },
    publish() {
      publishedEnd = end;
      tellGop();
      tell(sharedWords.end, end);
    },
  };
  const look = readPackets(log);
  return log;
}
