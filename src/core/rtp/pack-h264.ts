/**
 * H.264 into RTP payloads (RFC 6184): in packetization-mode 1 single NAL units, STAP-A for parameter sets, FU-A; in mode 0 single
 * NAL units alone.
 */
import { type NalFormat, packNals } from './nal-packets.js';
import type { RtpHistory } from './rtp-history.js';

const nalTypeMask = 0x1f;
const nriMask = 0x60;
const forbiddenBit = 0x80;
/** NAL unit types (H.264 table 7-1). */
const sei = 6;
const sps = 7;
const pps = 8;
const delimiter = 9;
const filler = 12;
/** From here on a type means a payload structure of RTP (RFC 6184 5.2): never a NAL unit of the source. */
const stapA = 24;
const fuA = 28;

export interface H264AccessUnit {
  /** In decoding order, without start codes or length fields. */
  readonly nals: readonly Uint8Array[];
  /** Decoding can begin here. */
  readonly isKeyframe: boolean;
  readonly rtpTs: number;
  /** The parameter sets in use: they go before a keyframe in place of its own. None: it brings its own. */
  readonly setup: readonly Uint8Array[];
  /** Limit of a payload; at least 3. */
  readonly packetBytes: number;
  /** Packetization-mode 0: no NAL unit is longer than a payload. */
  readonly isSingleNal?: boolean;
}

const format: NalFormat = {
  headerBytes: 1,
  aggregateHeader: (nals) => {
    const firsts = nals.map((nal) => nal[0] ?? 0);
    // Its NRI is the highest of the units inside (RFC 6184 5.7).
    const nri = Math.max(...firsts.map((first) => first & nriMask));
    return Uint8Array.of(stapA | nri | (firsts.some((first) => first & forbiddenBit) ? forbiddenBit : 0));
  },
  fragmentHeader: (nal) => {
    const first = nal[0] ?? 0;
    return Uint8Array.of((first & (forbiddenBit | nriMask)) | fuA, first & nalTypeMask);
  },
};

/** Writes the packets of one access unit into the history; the last one has the marker. */
export function packAccessUnit(history: RtpHistory, unit: H264AccessUnit): void {
  const { isKeyframe: startsGop, rtpTs, packetBytes, isSingleNal = false } = unit;
  const slices = unit.nals.filter((nal) => isSent(typeOf(nal)));
  const parameterSets = parameterSetsOf(unit);
  packNals(history, { parameterSets, slices, rtpTs, packetBytes, startsGop, isSingleNal }, format);
}

/** 0, which is no type at all, for an empty NAL unit. */
function typeOf(nal: Uint8Array): number {
  return (nal[0] ?? 0) & nalTypeMask;
}

const unsent: ReadonlySet<number> = new Set([sei, sps, pps, delimiter, filler]);

/**
 * Delimiters and filler say nothing that RTP does not; parameter sets go first, by themselves. No browser reads SEI of WebRTC
 * (docs/browsers.md), and where each frame has one it costs each viewer a packet.
 */
function isSent(type: number): boolean {
  return type > 0 && type < stapA && !unsent.has(type);
}

/** A keyframe gets all that are in use, so that a viewer can begin with it; any other picture what it brings. */
function parameterSetsOf({ nals, isKeyframe, setup }: H264AccessUnit): readonly Uint8Array[] {
  if (isKeyframe && setup.length > 0) return setup;
  return nals.filter((nal) => typeOf(nal) === sps || typeOf(nal) === pps);
}
