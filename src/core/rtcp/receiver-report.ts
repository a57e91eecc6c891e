/** Reception reports: the blocks of receiver and sender reports (RFC 3550 6.4). */
import { WireError } from '../bytes/wire-error.js';

const blockBytes = 24;
/** Clocks of 1/65,536 s on both sides: a true round trip of nearly nothing may come out as a little less than nothing. */
const roundingUnits = 66;
/** A longer round trip than this is a wrong stamp. */
const maxRoundTripUnits = 60 * 65_536;
const msPerUnit = 1000 / 65_536;

export interface ReportBlock {
  readonly ssrc: number;
  /** 0 to 255/256, since the report before. */
  readonly fractionLost: number;
  /** Negative when packets came twice. */
  readonly cumulativeLost: number;
  /** Extended: 16 bits of rounds, 16 bits of sequence number. */
  readonly highestSequence: number;
  /** In ticks of the track's RTP clock. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report that came; 0: none did. */
  readonly lastSr: number;
  /** In 1/65,536 s. */
  readonly delaySinceLastSr: number;
}

/** The report blocks at `at`; WireError when the packet ends before. */
export function readReportBlocks(packet: DataView, at: number, count: number): readonly ReportBlock[] {
  if (at + count * blockBytes > packet.byteLength) throw new WireError('rtcp.report', 'cut off in its blocks');
  return Array.from({ length: count }, (_, n) => readBlock(packet, at + n * blockBytes));
}

function readBlock(packet: DataView, at: number): ReportBlock {
  return {
    ssrc: packet.getUint32(at),
    fractionLost: packet.getUint8(at + 4) / 256,
    cumulativeLost: (packet.getUint32(at + 4) << 8) >> 8,
    highestSequence: packet.getUint32(at + 8),
    jitter: packet.getUint32(at + 12),
    lastSr: packet.getUint32(at + 16),
    delaySinceLastSr: packet.getUint32(at + 20),
  };
}

/**
 * Round trip that a report shows (RFC 3550 6.4.1), at least 0; null when it shows none.
 *
 * @param ntpMiddle32Now middle 32 bits of the NTP time at which the report came.
 */
export function roundTripMs(block: ReportBlock, ntpMiddle32Now: number): number | null {
  if (block.lastSr === 0) return null;
  const units = (ntpMiddle32Now - block.lastSr - block.delaySinceLastSr) | 0;
  if (units < -roundingUnits || units > maxRoundTripUnits) return null;
  return Math.max(0, units) * msPerUnit;
}
