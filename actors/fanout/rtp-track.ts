/**
 * One viewer's track in the TypeScript fan-out: cursor, sequence numbers and counts. The extended sequence number of
 * packet n of the history is n + shift; moving the cursor changes the shift, so that numbers run on without a gap.
 */
import { createRtpHeader, writeRtpHeader } from '../../src/core/rtp/header.js';
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import { extendSequence } from '../../src/core/rtp/sequence.js';
import type { SrtpSender } from '../../src/core/srtp/srtp.js';
import { createRtxStream } from './rtx-stream.js';
import { countsOf, nextOf, noteMove, sinceOf, trackWord } from './session-numbers.js';
import type { FanoutTrack, SubscriberTrack, TrackState } from './subscriber.js';
import type { TwccHistory } from './twcc-history.js';

/** How many moves of the cursor are remembered for packets to be sent again. */
const rememberedMoves = 8;

/** What a viewer's tracks have in common. */
export interface RtpOutput {
  readonly srtp: SrtpSender;
  readonly send: (datagram: Uint8Array) => boolean;
  /** Null: its packets have no transport-wide numbers. */
  readonly twcc: TwccHistory | null;
}

/** Adds to one of a track's counts. */
function count(numbers: Float64Array, word: 'packets' | 'octets' | 'resent', by: number): void {
  numbers[trackWord[word]] = (numbers[trackWord[word]] ?? 0) + by;
}

export interface RtpTrack extends SubscriberTrack {
  readonly held: boolean;
  readonly state: TrackState;
  /** Sends what the history has below packet `end`; false when a datagram was not taken. */
  serveTo(end: number): boolean;
}

export function createRtpTrack(
  history: PacketReader,
  track: FanoutTrack,
  { srtp, send, twcc }: RtpOutput,
  numbers: Float64Array,
  resumed: TrackState | null,
): RtpTrack {
  const header = createRtpHeader(twcc !== null);
  let held = resumed?.held ?? false;
  let cursor = resumed?.cursor ?? history.end;
  let nextExtended = nextOf(numbers, trackWord.extended);
  /** Newest last: from this extended sequence number on, packet n has number n + shift. */
  const moves = [{ fromExtended: resumed?.since ?? nextExtended, shift: nextExtended - cursor }];
  noteMove(numbers, resumed?.since ?? nextExtended, nextExtended - cursor);
  const rtx = track.rtx === null ? null : createRtxStream(track.rtx, srtp, twcc, numbers);

  /** Null: the packet left the history before it was whole. `number`: the transport-wide one, where packets have it. */
  const datagram = (packet: number, extended: number, payload: Uint8Array, number: number): Buffer | null => {
    const place = { marker: history.marker(packet), sequence: extended, rtpTs: history.rtpTs(packet) };
    const numbered = twcc === null ? null : { id: twcc.id, number };
    writeRtpHeader(header, { ...track, ...place, twcc: numbered });
    const sealed = srtp.protectRtp(header, payload, extended);
    return history.holds(packet) ? sealed : null;
  };

  /** As it was, to the byte: two packets under one index would give its key stream away (RFC 3711 9.1). */
  const sendAsItWas = (packet: number, extended: number): boolean => {
    const number = twcc === null ? 0 : twcc.find(track.ssrc, extended);
    const sealed = number === null ? null : datagram(packet, extended, history.payload(packet), number);
    return sealed !== null && send(sealed);
  };

  const sendAgain = (packet: number, extended: number): boolean => {
    if (rtx === null) return sendAsItWas(packet, extended);
    const original = { sequence: extended % 0x1_0000, marker: history.marker(packet), rtpTs: history.rtpTs(packet) };
    const number = rtx.extended;
    const sealed = rtx.datagram(original, history.payload(packet));
    if (!history.holds(packet) || !send(sealed)) return false;
    twcc?.sent(rtx.ssrc, number, sealed.length);
    return true;
  };

  const packetOf = (extended: number): number | null => {
    if (extended >= nextExtended) return null;
    const move = moves.findLast(({ fromExtended }) => fromExtended <= extended);
    if (move === undefined) return null;
    const packet = extended - move.shift;
    return history.holds(packet) ? packet : null;
  };

  /** False when the datagram was not taken. */
  const sendNext = (): boolean => {
    const payload = history.payload(cursor);
    const sealed = datagram(cursor, nextExtended, payload, twcc?.next ?? 0);
    if (sealed === null) return true;
    numbers[trackWord.extended] = nextExtended + 1;
    // What was not taken never left: its number is the next packet's, which is the same one unless the viewer skips.
    if (!send(sealed)) {
      numbers[trackWord.extended] = nextExtended;
      return false;
    }
    twcc?.sent(track.ssrc, nextExtended, sealed.length);
    count(numbers, 'packets', 1);
    count(numbers, 'octets', payload.length);
    cursor += 1;
    nextExtended += 1;
    return true;
  };

  const serveTo = (end: number): boolean => {
    // What was evicted cannot be sent: the distributor moves such a cursor to a keyframe.
    while (cursor < end && history.holds(cursor)) if (!sendNext()) return false;
    return true;
  };

  return {
    ssrc: track.ssrc,
    get counts() {
      return countsOf(numbers);
    },
    get held() {
      return held;
    },
    get cursor() {
      return cursor;
    },
    get state() {
      return { cursor, held, since: sinceOf(numbers) };
    },
    hold(next) {
      held = next;
    },
    seek(packet) {
      if (packet === cursor) return;
      cursor = packet;
      const shift = nextExtended - packet;
      noteMove(numbers, nextExtended, shift);
      if (moves.at(-1)?.fromExtended === nextExtended) moves.pop();
      moves.push({ fromExtended: nextExtended, shift });
      if (moves.length > rememberedMoves) moves.shift();
    },
    serveTo,
    serve: (maxPackets) => serveTo(cursor + maxPackets),
    resend(sequences) {
      let resent = 0;
      for (const sequence of sequences) {
        const extended = extendSequence(sequence, nextExtended - 1);
        const packet = packetOf(extended);
        if (packet !== null && sendAgain(packet, extended)) resent += 1;
      }
      count(numbers, 'resent', resent);
      return resent;
    },
  };
}
