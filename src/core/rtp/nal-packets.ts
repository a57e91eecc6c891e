/** What RTP payloads of H.264 (RFC 6184) and H.265 (RFC 7798) have in common: units that go whole, together, or cut. */
import { equalParts } from './equal-parts.js';
import type { RtpHistory } from './rtp-history.js';

const sizeBytes = 2;
const fuStart = 0x80;
const fuEnd = 0x40;

/** How a codec writes the headers. */
export interface NalFormat {
  /** Header of a NAL unit; that of a payload is as long. */
  readonly headerBytes: 1 | 2;
  /** Payload header of one that holds these units (STAP-A, AP). */
  aggregateHeader(nals: readonly Uint8Array[]): Uint8Array;
  /** Payload header of a fragment (FU-A, FU), and the FU header behind it with neither start nor end bit. */
  fragmentHeader(nal: Uint8Array): Uint8Array;
}

export interface NalUnits {
  /** Go first, as many together as one packet takes. */
  readonly parameterSets: readonly Uint8Array[];
  readonly slices: readonly Uint8Array[];
  readonly rtpTs: number;
  /** Decoding can begin with the first packet. */
  readonly startsGop: boolean;
  /** Limit of a payload. */
  readonly packetBytes: number;
  /** Each unit goes by itself: nothing is put together. What is too long is cut all the same. */
  readonly isSingleNal?: boolean;
}

interface Place {
  readonly rtpTs: number;
  /** The access unit ends with this payload. */
  readonly marker: boolean;
  /** A keyframe begins with it. */
  readonly startsGop: boolean;
}

/** Writes the packets of one access unit into the history; the last one has the marker. */
export function packNals(history: RtpHistory, units: NalUnits, format: NalFormat): void {
  const { rtpTs, packetBytes, startsGop } = units;
  const alone = units.isSingleNal === true ? units.parameterSets.map((nal) => [nal]) : null;
  const payloads = [...(alone ?? group(units, format)), ...units.slices.map((nal) => [nal])];
  for (const [at, nals] of payloads.entries()) {
    const place = { rtpTs, marker: at === payloads.length - 1, startsGop: startsGop && at === 0 };
    const [nal] = nals;
    if (nals.length > 1) packAggregate(history, nals, place, format);
    else if (nal !== undefined && nal.length > packetBytes) packFragments(history, nal, packetBytes, place, format);
    else if (nal !== undefined) packWhole(history, nal, place);
  }
}

/** Parameter sets, in order, so that each group fits one payload; one that stands alone needs no aggregate. */
function group({ parameterSets, packetBytes }: NalUnits, format: NalFormat): readonly (readonly Uint8Array[])[] {
  const groups: Uint8Array[][] = [];
  let bytes = 0;
  for (const nal of parameterSets) {
    const last = groups.at(-1);
    bytes += sizeBytes + nal.length;
    if (last !== undefined && bytes <= packetBytes) {
      last.push(nal);
      continue;
    }
    groups.push([nal]);
    bytes = format.headerBytes + sizeBytes + nal.length;
  }
  return groups;
}

/** RFC 6184 5.7.1, RFC 7798 4.4.2. */
function packAggregate(history: RtpHistory, nals: readonly Uint8Array[], place: Place, format: NalFormat): void {
  const payloadBytes = nals.reduce<number>((sum, nal) => sum + sizeBytes + nal.length, format.headerBytes);
  const payload = history.append({ ...place, payloadBytes });
  payload.set(format.aggregateHeader(nals));
  let at = format.headerBytes;
  for (const nal of nals) {
    payload[at] = nal.length >> 8;
    payload[at + 1] = nal.length & 0xff;
    payload.set(nal, at + sizeBytes);
    at += sizeBytes + nal.length;
  }
}

function packWhole(history: RtpHistory, nal: Uint8Array, { rtpTs, marker, startsGop }: Place): void {
  history.append({ payloadBytes: nal.length, rtpTs, marker, startsGop, sourceAt: nal.byteOffset }).set(nal);
}

/** RFC 6184 5.8, RFC 7798 4.4.3. */
function packFragments(
  history: RtpHistory,
  nal: Uint8Array,
  packetBytes: number,
  place: Place,
  format: NalFormat,
): void {
  const header = format.fragmentHeader(nal);
  const fuHeader = header.length - 1;
  for (const part of equalParts(format.headerBytes, nal.length, packetBytes - header.length)) {
    const payload = history.append({
      payloadBytes: header.length + part.to - part.from,
      rtpTs: place.rtpTs,
      marker: place.marker && part.isLast,
      startsGop: place.startsGop && part.isFirst,
      sourceAt: nal.byteOffset + part.from - header.length,
    });
    // A call of `set` takes longer than these two or three bytes.
    for (let at = 0; at < fuHeader; at += 1) payload[at] = header[at] ?? 0;
    payload[fuHeader] = (header[fuHeader] ?? 0) | (part.isFirst ? fuStart : 0) | (part.isLast ? fuEnd : 0);
    payload.set(nal.subarray(part.from, part.to), header.length);
  }
}
