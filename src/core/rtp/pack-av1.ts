/** AV1 into RTP payloads (RTP Payload Format for AV1 1.0, section 4): OBUs one behind the other, cut where a packet ends. */
import { type Obu, obuTypes } from '../codec/av1-obu.js';
import type { RtpHistory } from './rtp-history.js';

/** Aggregation header: what the first element continues, what the last one leaves open, how many, a new sequence. */
const header = { continues: 0x80, isContinued: 0x40, countShift: 4, startsSequence: 0x08 } as const;
/** Of so many elements the last needs no length; the count stands in two bits. */
const maxCounted = 3;

export interface Av1TemporalUnit {
  readonly obus: readonly Obu[];
  /** Begins a coded video sequence. */
  readonly isKeyframe: boolean;
  /** The OBU without its size field; sent before a keyframe unless it brings its own. */
  readonly sequenceHeader: Uint8Array | null;
  readonly rtpTs: number;
  /** Limit of a payload; at least 8. */
  readonly packetBytes: number;
}

/** A part of an OBU, or all of it. */
interface Piece {
  readonly element: number;
  readonly from: number;
  readonly to: number;
}

/** Writes the packets of one temporal unit into the history; the last one has the marker. */
export function packAv1TemporalUnit(history: RtpHistory, unit: Av1TemporalUnit): void {
  const elements = elementsOf(unit);
  const sizes = elements.map((element) => element.length);
  const packets = layOutEvenly(sizes, unit.packetBytes);
  for (const [at, pieces] of packets.entries()) {
    const startsGop = unit.isKeyframe && at === 0;
    const payload = history.append({
      payloadBytes: payloadBytes(pieces),
      rtpTs: unit.rtpTs,
      marker: at === packets.length - 1,
      startsGop,
    });
    payload[0] = headerOf(pieces, sizes) | (startsGop ? header.startsSequence : 0);
    writePieces(payload, pieces, elements);
  }
}

/** Tile lists are not for RTP (section 5). */
function elementsOf({ obus, isKeyframe, sequenceHeader }: Av1TemporalUnit): readonly Uint8Array[] {
  const sent = obus.filter(({ type }) => type !== obuTypes.tileList);
  const brings = sent.some(({ type }) => type === obuTypes.sequenceHeader);
  return [
    ...(isKeyframe && !brings && sequenceHeader !== null ? [sequenceHeader] : []),
    ...sent.map(({ header: head, payload }) => {
      const element = new Uint8Array(head.length + payload.length);
      element.set(head);
      element.set(payload, head.length);
      return element;
    }),
  ];
}

/** The smallest limit that takes no more packets makes them all alike, for segmentation offload. */
function layOutEvenly(sizes: readonly number[], packetBytes: number): readonly (readonly Piece[])[] {
  let best = layOut(sizes, packetBytes);
  const bytes = best.reduce((sum, pieces) => sum + payloadBytes(pieces), 0);
  let low = Math.max(8, Math.ceil(bytes / Math.max(1, best.length)));
  let high = packetBytes;
  while (low < high) {
    const limit = Math.floor((low + high) / 2);
    const tried = layOut(sizes, limit);
    if (tried.length > best.length) low = limit + 1;
    else {
      best = tried;
      high = limit;
    }
  }
  return best;
}

/** Fills packet after packet up to the limit. */
function layOut(sizes: readonly number[], limit: number): Piece[][] {
  const packets: Piece[][] = [];
  let pieces: Piece[] = [];
  /** Size of the packet as it is when more follows: each piece behind its length. */
  let usedBytes = 1;
  for (const [element, size] of sizes.entries()) {
    for (let from = 0; from < size; ) {
      const room = limit - usedBytes;
      const lengthBytes = pieces.length < maxCounted ? 0 : leb128Bytes(Math.min(room, size - from));
      const to = Math.min(size, from + room - lengthBytes);
      if (to <= from) {
        packets.push(pieces);
        pieces = [];
        usedBytes = 1;
        continue;
      }
      pieces.push({ element, from, to });
      usedBytes += leb128Bytes(to - from) + to - from;
      from = to;
    }
  }
  return pieces.length > 0 ? [...packets, pieces] : packets;
}

function payloadBytes(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { from, to }, n) => {
    return sum + (hasLength(n, pieces.length) ? leb128Bytes(to - from) : 0) + to - from;
  }, 1);
}

const hasLength = (n: number, count: number): boolean => count > maxCounted || n < count - 1;

function headerOf(pieces: readonly Piece[], sizes: readonly number[]): number {
  const [first] = pieces;
  const last = pieces.at(-1);
  const count = pieces.length > maxCounted ? 0 : pieces.length;
  return (
    (first !== undefined && first.from > 0 ? header.continues : 0) |
    (last !== undefined && last.to < (sizes[last.element] ?? 0) ? header.isContinued : 0) |
    (count << header.countShift)
  );
}

function writePieces(payload: Uint8Array, pieces: readonly Piece[], elements: readonly Uint8Array[]): void {
  let at = 1;
  for (const [n, { element, from, to }] of pieces.entries()) {
    if (hasLength(n, pieces.length)) {
      for (let rest = to - from, more = true; more; rest = Math.floor(rest / 128), at += 1) {
        more = rest >= 128;
        payload[at] = (rest & 127) | (more ? 128 : 0);
      }
    }
    payload.set(elements[element]?.subarray(from, to) ?? [], at);
    at += to - from;
  }
}

function leb128Bytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}
