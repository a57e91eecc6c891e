/** H.265 into RTP payloads (RFC 7798): single NAL units, aggregation packets for parameter sets, fragmentation units. */
import { h265HeaderBytes, h265NalType, h265NalTypes } from '../codec/h265-nal.js';
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
  /** Decoding can begin here. */
  readonly isKeyframe: boolean;
  readonly rtpTs: number;
  /** The parameter sets in use: they go before a keyframe in place of its own. None: it brings its own. */
  readonly setup: readonly Uint8Array[];
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
  const { isKeyframe: startsGop, rtpTs, packetBytes } = unit;
  const slices = unit.nals.filter((nal) => isSent(h265NalType(nal)));
  packNals(history, { parameterSets: parameterSetsOf(unit), slices, rtpTs, packetBytes, startsGop }, format);
}

const { vps, sps, pps, aud, filler, prefixSei, suffixSei } = h265NalTypes;
const unsent: ReadonlySet<number> = new Set([vps, sps, pps, aud, filler, prefixSei, suffixSei]);

/** As with H.264: what RTP says itself, what goes first, and what no browser reads is left out. */
function isSent(type: number): boolean {
  return type < firstReserved && !unsent.has(type);
}

/** A keyframe gets all that are in use, so that a viewer can begin with it; any other picture what it brings. */
function parameterSetsOf({ nals, isKeyframe, setup }: H265AccessUnit): readonly Uint8Array[] {
  if (isKeyframe && setup.length > 0) return setup;
  const kinds: readonly number[] = [vps, sps, pps];
  return nals.filter((nal) => kinds.includes(h265NalType(nal)));
}
