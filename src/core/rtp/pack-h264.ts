/** H.264 into RTP payloads, packetization-mode 1 (RFC 6184): single NAL units, STAP-A for parameter sets, FU-A. */
import type { PacketLog } from './packet-log.js';

const nalTypeMask = 0x1f;
const nriMask = 0x60;
const forbiddenBit = 0x80;
/** NAL unit types (H.264 table 7-1). */
const idr = 5;
const sps = 7;
const pps = 8;
const delimiter = 9;
const filler = 12;
/** From here on a type means a payload structure of RTP (RFC 6184 5.2): never a NAL unit of the source. */
const stapA = 24;
const fuA = 28;
const fuStart = 0x80;
const fuEnd = 0x40;
const stapHeaderBytes = 1;
const stapSizeBytes = 2;
const fuHeaderBytes = 2;

export interface AccessUnit {
  /** In decoding order, without start codes or length fields. */
  readonly nals: readonly Uint8Array[];
  /** The source says that decoding can begin here. */
  readonly keyFrame: boolean;
  readonly rtpTs: number;
  /** Sent before a key picture unless it brings its own. */
  readonly parameterSets: { readonly sps: readonly Uint8Array[]; readonly pps: readonly Uint8Array[] };
  /** Limit of a payload; at least 3. */
  readonly packetBytes: number;
}

/** Writes the packets of one access unit into the log; the last one has the marker. */
export function packAccessUnit(log: PacketLog, unit: AccessUnit): void {
  const key = unit.keyFrame || unit.nals.some((nal) => typeOf(nal) === idr);
  const pictures = unit.nals.filter((nal) => isSent(typeOf(nal)));
  const payloads = [...aggregate(parameterSetsOf(unit, key), unit.packetBytes), ...pictures.map((nal) => [nal])];
  const { rtpTs, packetBytes } = unit;
  for (const [at, nals] of payloads.entries()) {
    const place = { rtpTs, marker: at === payloads.length - 1, startsGop: key && at === 0 };
    const [nal] = nals;
    if (nals.length > 1) packStapA(log, nals, place);
    else if (nal !== undefined && nal.length > packetBytes) packFuA(log, nal, packetBytes, place);
    else if (nal !== undefined) log.append({ ...place, payloadBytes: nal.length }).set(nal);
  }
}

interface Place {
  readonly rtpTs: number;
  /** The access unit ends with this payload. */
  readonly marker: boolean;
  /** A key picture begins with it. */
  readonly startsGop: boolean;
}

/** 0, which is no type at all, for an empty NAL unit. */
function typeOf(nal: Uint8Array): number {
  return (nal[0] ?? 0) & nalTypeMask;
}

/** Delimiters and filler say nothing that RTP does not; parameter sets go first, by themselves. */
function isSent(type: number): boolean {
  return type > 0 && type < stapA && type !== delimiter && type !== filler && type !== sps && type !== pps;
}

/** A key picture gets both kinds always, so that a viewer can begin with it; any other only what it brings. */
function parameterSetsOf({ nals, parameterSets }: AccessUnit, key: boolean): readonly Uint8Array[] {
  const ownSps = nals.filter((nal) => typeOf(nal) === sps);
  const ownPps = nals.filter((nal) => typeOf(nal) === pps);
  if (!key) return [...ownSps, ...ownPps];
  return [
    ...(ownSps.length > 0 ? ownSps : parameterSets.sps),
    ...(ownPps.length > 0 ? ownPps : parameterSets.pps),
  ].filter((nal) => nal.length > 0);
}

/** Groups NAL units, in order, so that each group fits one STAP-A; one that stands alone needs none. */
function aggregate(nals: readonly Uint8Array[], packetBytes: number): readonly (readonly Uint8Array[])[] {
  const groups: Uint8Array[][] = [];
  let bytes = 0;
  for (const nal of nals) {
    const group = groups.at(-1);
    bytes += stapSizeBytes + nal.length;
    if (group !== undefined && bytes <= packetBytes) {
      group.push(nal);
      continue;
    }
    groups.push([nal]);
    bytes = stapHeaderBytes + stapSizeBytes + nal.length;
  }
  return groups;
}

/** RFC 6184 5.7.1. */
function packStapA(log: PacketLog, nals: readonly Uint8Array[], place: Place): void {
  const payloadBytes = nals.reduce((sum, nal) => sum + stapSizeBytes + nal.length, stapHeaderBytes);
  const payload = log.append({ ...place, payloadBytes });
  let header = stapA;
  let at = stapHeaderBytes;
  for (const nal of nals) {
    const first = nal[0] ?? 0;
    // Its NRI is the highest of the units inside (RFC 6184 5.7).
    header = stapA | ((header | first) & forbiddenBit) | Math.max(header & nriMask, first & nriMask);
    payload[at] = nal.length >> 8;
    payload[at + 1] = nal.length & 0xff;
    payload.set(nal, at + stapSizeBytes);
    at += stapSizeBytes + nal.length;
  }
  payload[0] = header;
}

/** RFC 6184 5.8. All fragments but the last are equal, the last is not larger: so segmentation offload takes them. */
function packFuA(log: PacketLog, nal: Uint8Array, packetBytes: number, place: Place): void {
  const header = nal[0] ?? 0;
  const bodyBytes = nal.length - 1;
  const fragments = Math.ceil(bodyBytes / (packetBytes - fuHeaderBytes));
  const fragmentBytes = Math.ceil(bodyBytes / fragments);
  for (let at = 1; at < nal.length; at += fragmentBytes) {
    const fragment = nal.subarray(at, at + fragmentBytes);
    const isFirst = at === 1;
    const isLast = at + fragmentBytes >= nal.length;
    const payload = log.append({
      payloadBytes: fuHeaderBytes + fragment.length,
      rtpTs: place.rtpTs,
      marker: place.marker && isLast,
      startsGop: place.startsGop && isFirst,
    });
    payload[0] = (header & (forbiddenBit | nriMask)) | fuA;
    payload[1] = (isFirst ? fuStart : 0) | (isLast ? fuEnd : 0) | (header & nalTypeMask);
    payload.set(fragment, fuHeaderBytes);
  }
}
