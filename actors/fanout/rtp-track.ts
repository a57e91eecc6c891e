/**
 * One viewer's track in the TypeScript fan-out: cursor, sequence numbers and counts. The extended sequence number of
 * packet n of the log is n + shift; moving the cursor changes the shift, so that numbers run on without a gap.
 */
import { randomInt } from 'node:crypto';
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import { extendSequence } from '../../src/core/rtp/sequence.js';
import type { FanoutTrack, TrackCounts, TrackState } from './fanout.js';
import { maxFirstSequence, writeRtpHeader } from './rtp-header.js';
import { createRtxStream } from './rtx-stream.js';
import type { SrtpSender } from './srtp.js';

/** How many moves of the cursor are remembered for packets to be sent again. */
const rememberedMoves = 8;

export interface RtpTrack {
  cursor: number;
  held: boolean;
  readonly counts: TrackCounts;
  seek(packet: number): void;
  readonly state: TrackState;
  /** Sends the packet at the cursor; false when the datagram was not taken. Nothing happens when the log has lost it. */
  sendNext(): boolean;
  resend(sequences: readonly number[]): number;
}

export function createRtpTrack(
  log: PacketReader,
  track: FanoutTrack,
  srtp: SrtpSender,
  send: (datagram: Uint8Array) => boolean,
  resumed: TrackState | null = null,
): RtpTrack {
  const header = Buffer.alloc(12);
  let cursor = resumed?.cursor ?? log.end;
  let nextExtended = resumed?.extended ?? randomInt(maxFirstSequence);
  /** Newest last: from this extended sequence number on, packet n has number n + shift. */
  const moves = [{ fromExtended: nextExtended, shift: nextExtended - cursor }];
  const rtx = track.rtx === null ? null : createRtxStream(track.rtx, srtp, resumed?.rtxExtended ?? null);
  const counts = { packets: 0, octets: 0, resent: 0, ...resumed?.counts };

  /** Null: the packet left the log before it was whole. */
  const datagram = (packet: number, extended: number, payload: Uint8Array): Buffer | null => {
    writeRtpHeader(header, { ...track, marker: log.marker(packet), sequence: extended, rtpTs: log.rtpTs(packet) });
    const sealed = srtp.protectRtp(header, payload, extended);
    return log.holds(packet) ? sealed : null;
  };

  const datagramAgain = (packet: number, extended: number): Buffer | null => {
    const payload = log.payload(packet);
    if (rtx === null) return datagram(packet, extended, payload);
    const original = { sequence: extended % 0x1_0000, marker: log.marker(packet), rtpTs: log.rtpTs(packet) };
    const sealed = rtx.datagram(original, payload);
    return log.holds(packet) ? sealed : null;
  };

  const packetOf = (extended: number): number | null => {
    if (extended >= nextExtended) return null;
    const move = moves.findLast(({ fromExtended }) => fromExtended <= extended);
    if (move === undefined) return null;
    const packet = extended - move.shift;
    return log.holds(packet) ? packet : null;
  };

  return {
    held: resumed?.held ?? false,
    get cursor() {
      return cursor;
    },
    get state() {
      return { cursor, extended: nextExtended, rtxExtended: rtx?.extended ?? null, held: this.held, counts };
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
      const payload = log.payload(cursor);
      const sealed = datagram(cursor, nextExtended, payload);
      if (sealed === null) return true;
      // A datagram that was not taken keeps its number: it comes out the same when it is tried again.
      if (!send(sealed)) return false;
      counts.packets += 1;
      counts.octets += payload.length;
      cursor += 1;
      nextExtended += 1;
      return true;
    },
    resend(sequences) {
      let resent = 0;
      for (const sequence of sequences) {
        const extended = extendSequence(sequence, nextExtended - 1);
        const packet = packetOf(extended);
        const sealed = packet === null ? null : datagramAgain(packet, extended);
        if (sealed !== null && send(sealed)) resent += 1;
      }
      counts.resent += resent;
      return resent;
    },
  };
}
