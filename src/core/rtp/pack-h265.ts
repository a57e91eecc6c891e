/** H.265 into RTP payloads (RFC 7798): single NAL units, aggregation packets for parameter sets, fragmentation units. */
import type { H265ParameterSets } from '../codec/h265-config.js';
import { h265HeaderBytes, h265NalType, h265NalTypes, isIrap } from '../codec/h265-nal.js';
import { type NalFormat, packNals } from './nal-packets.js';
import type { RtpHistory } from './rtp-history.js';

/** Of the 16 bits of a header: forbidden_zero_bit, nuh_layer_id, nuh_temporal_id_plus1. */
const forbiddenBit = 0x8000;
const layerMask = 0x01f8;
const temporalMask = 0x0007;
/** Types of RTP's payload structures (RFC 7798 4.4). */
const aggregation = 48;
const fragmentation = 49;
/** From here on types are reserved, or unspecified, or RTP's own: nothing that a decoder is given. */
const firstReserved = 41;

export interface H265AccessUnit {
  /** In decoding order, without start codes or length fields. */
  readonly nals: readonly Uint8Array[];
  /** The source says that decoding can begin here. */
  readonly isKeyframe: boolean;
  readonly rtpTs: number;
  /** Sent before a keyframe unless it brings its own. */
  readonly parameterSets: H265ParameterSets;
  /** Limit of a payload; at least 4. */
  readonly packetBytes: number;
}

const headerOf = (nal: Uint8Array): number => ((nal[0] ?? 0) << 8) | (nal[1] ?? 0);
const payloadHeader = (type: number, rest: number): readonly [number, number] => [
  (type << 1) | (rest >> 8),
  rest & 0xff,
];

const format: NalFormat = {
  headerBytes: h265HeaderBytes,
  aggregateHeader: (nals) => {
    const headers = nals.map(headerOf);
    const lowest = (mask: number): number => Math.min(...headers.map((header) => header & mask));
    const forbidden = headers.some((header) => header & forbiddenBit) ? forbiddenBit : 0;
    return Uint8Array.from(payloadHeader(aggregation, forbidden | lowest(layerMask) | lowest(temporalMask)));
  },
  fragmentHeader: (nal) => {
    const rest = headerOf(nal) & (forbiddenBit | layerMask | temporalMask);
    return Uint8Array.of(...payloadHeader(fragmentation, rest), h265NalType(nal));
  },
};

/** Writes the packets of one access unit into the history; the last one has the marker. */
export function packH265AccessUnit(history: RtpHistory, unit: H265AccessUnit): void {
  const key = unit.isKeyframe || unit.nals.some((nal) => isIrap(h265NalType(nal)));
  const { rtpTs, packetBytes } = unit;
  const slices = unit.nals.filter((nal) => isSent(h265NalType(nal)));
  packNals(history, { parameterSets: parameterSetsOf(unit, key), slices, rtpTs, packetBytes, startsGop: key }, format);
}

const { vps, sps, pps, aud, filler, prefixSei, suffixSei } = h265NalTypes;
const unsent: ReadonlySet<number> = new Set([vps, sps, pps, aud, filler, prefixSei, suffixSei]);

/** As with H.264: what RTP says itself, what goes first, and what no browser reads is left out. */
function isSent(type: number): boolean {
  return type < firstReserved && !unsent.has(type);
}

/** A keyframe gets all three kinds always, so that a viewer can begin with it; any other only what it brings. */
function parameterSetsOf({ nals, parameterSets }: H265AccessUnit, key: boolean): readonly Uint8Array[] {
  const kinds = ['vps', 'sps', 'pps'] as const;
  return kinds.flatMap((kind) => {
    const inBand = nals.filter((nal) => h265NalType(nal) === h265NalTypes[kind]);
    return key && inBand.length === 0 ? parameterSets[kind].filter((nal) => nal.length >= h265HeaderBytes) : inBand;
  });
}
