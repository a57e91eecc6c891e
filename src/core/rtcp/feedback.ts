/**
 * What a viewer asks for, estimates and reports: NACK, PLI, FIR (RFC 4585, RFC 5104), REMB
 * (draft-alvestrand-rmcat-remb-03), transport-wide feedback (twcc-feedback.ts).
 */
import { WireError } from '../bytes/wire-error.js';
import { readTwccFeedback, type TwccFeedback } from './twcc-feedback.js';

export const twccFeedbackType = 205;
const genericNack = 1;
const twcc = 15;
const pictureLoss = 1;
const fullIntra = 4;
const applicationLayer = 15;
/** SSRC of the sender of the packet, SSRC of the media: both before the feedback itself. */
const headBytes = 12;
const remb = 0x52454d42;
const rembBytes = 8;

export type FeedbackItem =
  /** Packets that were lost, by RTP sequence number, in the order asked for. */
  | { readonly kind: 'nack'; readonly mediaSsrc: number; readonly sequences: readonly number[] }
  | { readonly kind: 'pli'; readonly mediaSsrc: number }
  | { readonly kind: 'fir'; readonly mediaSsrc: number }
  | { readonly kind: 'remb'; readonly bitrateBps: number }
  | TwccFeedback;

export const isTwcc = (type: number, format: number): boolean => type === twccFeedbackType && format === twcc;

/** A transport layer feedback packet (type 205), header included; kinds that we do not know give nothing. */
export function readTransportLayerFeedback(packet: DataView, format: number): readonly FeedbackItem[] {
  const mediaSsrc = mediaSsrcOf(packet);
  if (format === twcc) {
    return [
      readTwccFeedback(new Uint8Array(packet.buffer, packet.byteOffset + headBytes, packet.byteLength - headBytes)),
    ];
  }
  if (format !== genericNack) return [];
  const sequences: number[] = [];
  for (let at = headBytes; at + 4 <= packet.byteLength; at += 4) {
    const first = packet.getUint16(at);
    const following = packet.getUint16(at + 2);
    sequences.push(first);
    // Bit n, from the lowest, is packet first + n + 1 (RFC 4585 6.2.1).
    for (let bit = 0; bit < 16; bit += 1)
      if (((following >> bit) & 1) === 1) sequences.push((first + bit + 1) & 0xffff);
  }
  return [{ kind: 'nack', mediaSsrc, sequences }];
}

/** A payload-specific feedback packet (type 206), header included; kinds that we do not know give nothing. */
export function readPayloadFeedback(packet: DataView, format: number): readonly FeedbackItem[] {
  const mediaSsrc = mediaSsrcOf(packet);
  switch (format) {
    case pictureLoss:
      return [{ kind: 'pli', mediaSsrc }];
    case fullIntra:
      return readFullIntra(packet);
    case applicationLayer:
      return readRemb(packet);
    default:
      return [];
  }
}

function mediaSsrcOf(packet: DataView): number {
  if (packet.byteLength < headBytes) throw new WireError('rtcp.feedback', 'cut off before its media source');
  return packet.getUint32(8);
}

/** The media source stands in each entry, not in the head (RFC 5104 4.3.1.2). */
function readFullIntra(packet: DataView): readonly FeedbackItem[] {
  const items: FeedbackItem[] = [];
  for (let at = headBytes; at + 8 <= packet.byteLength; at += 8) {
    items.push({ kind: 'fir', mediaSsrc: packet.getUint32(at) });
  }
  return items;
}

/** Other application layer messages share the format number: they are told apart by their first word, and left alone. */
function readRemb(packet: DataView): readonly FeedbackItem[] {
  if (packet.byteLength < headBytes + rembBytes || packet.getUint32(headBytes) !== remb) return [];
  // 8 bits of count, 6 of exponent, 18 of mantissa.
  const word = packet.getUint32(headBytes + 4);
  return [{ kind: 'remb', bitrateBps: (word & 0x3_ffff) * 2 ** ((word >> 18) & 0x3f) }];
}
