/**
 * The RTP payloads of one track, packed once and then never changed. One log serves a new viewer (the newest group of
 * pictures is the cache) and a viewer that lost something (the same packets are the history for NACK).
 *
 * Payloads lie end to end in one ring of bytes, what is known of them in numeric rings beside it: what reads them
 * needs no object for each packet. Memory follows need: the rings start small and double, up to the limits, only
 * while the newest group of pictures and a short history would not fit otherwise.
 */

/** Kept even when a new group of pictures has begun, for viewers that lost packets just before: 1 to 2 s. */
const historyPackets = 512;
const startBytes = 65_536;
const startPackets = 512;
/** Payload lengths are held in 16 bits. */
const maxPayloadBytes = 65_535;
const markerFlag = 1;

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

/** Packets are numbered 0, 1, 2, ... for ever. Asking for one outside first..end-1 is a RangeError. */
export interface PacketLog {
  /** The oldest packet still held; equal to `end` when there is none. */
  readonly first: number;
  /** One past the newest packet. */
  readonly end: number;
  /** First packet of the newest key picture; null when none came, or when it has left the log. */
  readonly gopStart: number | null;
  /** Sum of the payloads held. */
  readonly sizeBytes: number;
  /** Where all of it lies, for a reader in native code; another object after the rings have grown. */
  readonly memory: PacketMemory;
  marker(packet: number): boolean;
  rtpTs(packet: number): number;
  /** A view, valid until the next `append`. */
  payload(packet: number): Uint8Array;
  /**
   * Adds a packet, old ones leaving as the limits demand. Gives the place of its payload, which the caller fills
   * before anything else reads the log. RangeError for a payload that is empty or beyond the limits.
   */
  append(packet: NewPacket): Uint8Array;
  /** No viewer may begin with the newest group of pictures any more; `gopStart` is null until the next one. */
  forgetGop(): void;
}

/** What is known of each packet, in rings whose capacity is a power of two: packet n has place n & (capacity - 1). */
interface Index {
  /** Where its payload begins in the arena. */
  readonly offsets: Uint32Array;
  readonly lengths: Uint16Array;
  readonly rtpTs: Uint32Array;
  /** Bit 0: the RTP marker. */
  readonly flags: Uint8Array;
}

export interface PacketMemory extends Index {
  readonly arena: Uint8Array;
}

function createIndex(capacity: number): Index {
  return {
    offsets: new Uint32Array(capacity),
    lengths: new Uint16Array(capacity),
    rtpTs: new Uint32Array(capacity),
    flags: new Uint8Array(capacity),
  };
}

export function createPacketLog({ maxBytes, maxPackets }: PacketLogOptions): PacketLog {
  let arena = new Uint8Array(Math.min(startBytes, maxBytes));
  let index = createIndex(startPackets);
  let capacity = startPackets;
  let first = 0;
  let end = 0;
  let gopStart: number | null = null;
  let sizeBytes = 0;
  let memory: PacketMemory = { arena, ...index };
  /** Where the next payload goes if there is room up to the oldest one, or up to the end of the arena. */
  let writeAt = 0;

  const placeOf = (packet: number): number => packet & (capacity - 1);
  const offsetOf = (packet: number): number => index.offsets[placeOf(packet)] ?? 0;
  const lengthOf = (packet: number): number => index.lengths[placeOf(packet)] ?? 0;
  const view = (packet: number): Uint8Array => {
    const offset = offsetOf(packet);
    return arena.subarray(offset, offset + lengthOf(packet));
  };
  const checked = (packet: number): number => {
    if (packet >= first && packet < end) return packet;
    throw new RangeError(`packet ${packet} is not in the log (${first} to ${end})`);
  };

  const evict = (): void => {
    sizeBytes -= lengthOf(first);
    first += 1;
    if (gopStart !== null && gopStart < first) gopStart = null;
  };

  /** True while the oldest packet is worth more memory: a viewer may yet need it. */
  const oldestIsNeeded = (): boolean => first >= Math.min(gopStart ?? end, end - historyPackets);

  const growIndex = (): void => {
    const old = { index, capacity };
    capacity *= 2;
    index = createIndex(capacity);
    for (let packet = first; packet < end; packet += 1) {
      const from = packet & (old.capacity - 1);
      const to = placeOf(packet);
      index.offsets[to] = old.index.offsets[from] ?? 0;
      index.lengths[to] = old.index.lengths[from] ?? 0;
      index.rtpTs[to] = old.index.rtpTs[from] ?? 0;
      index.flags[to] = old.index.flags[from] ?? 0;
    }
    memory = { arena, ...index };
  };

  const growArena = (): void => {
    const grown = new Uint8Array(Math.min(maxBytes, arena.length * 2));
    let offset = 0;
    for (let packet = first; packet < end; packet += 1) {
      const payload = view(packet);
      grown.set(payload, offset);
      index.offsets[placeOf(packet)] = offset;
      offset += payload.length;
    }
    arena = grown;
    memory = { arena, ...index };
    writeAt = offset;
  };

  /** The offset of a free stretch in the ring; null when the oldest packet is in the way. */
  const freeOffset = (bytes: number): number | null => {
    if (first === end) return bytes <= arena.length ? 0 : null;
    const oldest = offsetOf(first);
    // Not above the oldest although packets are held: the ring has come round, and the free stretch ends there.
    if (writeAt <= oldest) return writeAt + bytes <= oldest ? writeAt : null;
    if (writeAt + bytes <= arena.length) return writeAt;
    return bytes <= oldest ? 0 : null;
  };

  const makeRoom = (bytes: number): number => {
    while (end - first >= Math.min(capacity, maxPackets)) {
      if (end - first < maxPackets && oldestIsNeeded()) growIndex();
      else evict();
    }
    for (;;) {
      const offset = freeOffset(bytes);
      if (offset !== null) return offset;
      if (arena.length < maxBytes && (first === end || oldestIsNeeded())) growArena();
      else evict();
    }
  };

  return {
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
    marker: (packet) => ((index.flags[placeOf(checked(packet))] ?? 0) & markerFlag) !== 0,
    rtpTs: (packet) => index.rtpTs[placeOf(checked(packet))] ?? 0,
    payload: (packet) => view(checked(packet)),
    append({ payloadBytes, rtpTs, marker, startsGop }) {
      if (payloadBytes < 1 || payloadBytes > Math.min(maxBytes, maxPayloadBytes)) {
        throw new RangeError(`a payload of ${payloadBytes} bytes does not fit`);
      }
      const offset = makeRoom(payloadBytes);
      const packet = end;
      const place = placeOf(packet);
      index.offsets[place] = offset;
      index.lengths[place] = payloadBytes;
      index.rtpTs[place] = rtpTs;
      index.flags[place] = marker ? markerFlag : 0;
      writeAt = offset + payloadBytes;
      sizeBytes += payloadBytes;
      end += 1;
      if (startsGop) gopStart = packet;
      return view(packet);
    },
    forgetGop() {
      gopStart = null;
    },
  };
}
