/**
 * One viewer's track in the TypeScript fan-out: cursor, sequence numbers and counts. The extended sequence number of
 * packet n of the log is n + shift; moving the cursor changes the shift, so that numbers run on without a gap.
 */
import { randomInt } from 'node:crypto';
import type { PacketLog } from '../../src/core/rtp/packet-log.js';
import { extendSequence } from '../../src/core/rtp/sequence.js';
import type { FanoutTrack, TrackCounts, TrackState } from './fanout.js';
import type { SrtpSender } from './srtp.js';

/** Below 2^15, so that a lost first packet cannot mislead the other side about the roll-over (RFC 3711 3.3.1). */
export const maxFirstSequence = 0x7fff;
/** How many moves of the cursor are remembered for packets to be sent again. */
const rememberedMoves = 8;
const version2 = 0x80;
const markerBit = 0x80;

export interface RtpTrack {
  cursor: number;
  held: boolean;
  readonly counts: TrackCounts;
  seek(packet: number): void;
  readonly state: TrackState;
  /** Sends the packet at the cursor, which must be in the log; false when the datagram was not taken. */
  sendNext(): boolean;
  resend(sequences: readonly number[]): number;
}

export function createRtpTrack(
  log: PacketLog,
  track: FanoutTrack,
  srtp: SrtpSender,
  send: (datagram: Uint8Array) => boolean,
  resumed: TrackState | null = null,
): RtpTrack {
  const header = Buffer.alloc(12);
  header.writeUInt8(version2, 0);
  header.writeUInt32BE(track.ssrc, 8);
  let cursor = resumed?.cursor ?? log.end;
  let nextExtended = resumed?.extended ?? randomInt(maxFirstSequence);
  /** Newest last: from this extended sequence number on, packet n has number n + shift. */
  const moves = [{ fromExtended: nextExtended, shift: nextExtended - cursor }];
  const counts = { packets: 0, octets: 0, resent: 0, ...resumed?.counts };

  const datagram = (packet: number, extended: number): Buffer => {
    header.writeUInt8((log.marker(packet) ? markerBit : 0) | track.payloadType, 1);
    header.writeUInt16BE(extended % 0x1_0000, 2);
    header.writeUInt32BE(log.rtpTs(packet), 4);
    return srtp.protectRtp(header, log.payload(packet), extended);
  };

  const packetOf = (extended: number): number | null => {
    if (extended >= nextExtended) return null;
    const move = moves.findLast(({ fromExtended }) => fromExtended <= extended);
    if (move === undefined) return null;
    const packet = extended - move.shift;
    return packet >= log.first && packet < log.end ? packet : null;
  };

  return {
    held: resumed?.held ?? false,
    get cursor() {
      return cursor;
    },
    get state() {
      return { cursor, extended: nextExtended, held: this.held, counts };
    },
    counts,
    seek(packet) {
      if (packet === cursor) return;
      cursor = packet;
      const shift = nextExtended - packet;
      if (moves.at(-1)?.fromExtended === nextExtended) moves.pop();
      moves.push({ fromExtended: nextExtended, shift });
      if (moves.length > rememberedMoves) moves.shift();
    },
    sendNext() {
      // A datagram that was not taken keeps its number: it comes out the same when it is tried again.
      if (!send(datagram(cursor, nextExtended))) return false;
      counts.packets += 1;
      counts.octets += log.payload(cursor).length;
      cursor += 1;
      nextExtended += 1;
      return true;
    },
    resend(sequences) {
      let resent = 0;
      for (const sequence of sequences) {
        const extended = extendSequence(sequence, nextExtended - 1);
        const packet = packetOf(extended);
        if (packet === null || !send(datagram(packet, extended))) continue;
        resent += 1;
      }
      counts.resent += resent;
      return resent;
    },
  };
}
