/** RTCP as viewers send it: compound packets (RFC 3550 6.1), or one packet of reduced size (RFC 5506). */
import { WireError } from '../bytes/wire-error.js';
import {
  type FeedbackItem,
  isTwcc,
  readPayloadFeedback,
  readTransportLayerFeedback,
  twccFeedbackType,
} from './feedback.js';
import { type ReportBlock, readReportBlocks } from './receiver-report.js';

/** Browsers send at most 1,200 bytes; more is no report, and bounds how many packets one NACK can ask for. */
const maxPacketBytes = 2048;
const headerBytes = 4;
const paddingBit = 0x20;
const countMask = 0x1f;
const senderReport = 200;
const receiverReport = 201;
const goodbye = 203;
const payloadFeedback = 206;

export type RtcpItem =
  /** The blocks of a receiver report, or of a sender report. */
  | { readonly kind: 'receiverReport'; readonly blocks: readonly ReportBlock[] }
  | { readonly kind: 'bye'; readonly ssrcs: readonly number[] }
  | FeedbackItem;

/** The items of a packet in their order; types that we do not know are left out. Only WireError. */
export function parseRtcp(packet: Uint8Array): readonly RtcpItem[] {
  if (packet.length === 0 || packet.length > maxPacketBytes) {
    throw new WireError('rtcp', `${packet.length} bytes are no packet`);
  }
  const items: RtcpItem[] = [];
  for (let at = 0; at < packet.length; ) {
    const rest = new DataView(packet.buffer, packet.byteOffset + at, packet.length - at);
    if (rest.byteLength < headerBytes) throw new WireError('rtcp', 'cut off in a header');
    if (rest.getUint8(0) >> 6 !== 2) throw new WireError('rtcp', 'version is not 2');
    const bytes = (rest.getUint16(2) + 1) * 4;
    if (bytes > rest.byteLength) throw new WireError('rtcp', 'longer than what was received');
    items.push(...readPacket(withoutPadding(rest, bytes)));
    at += bytes;
  }
  return items;
}

/**
 * The last byte of padding counts it, in whole words (RFC 3550 6.4.1). Transport-wide feedback ends at any byte, and
 * browsers count what they filled it up with as padding.
 */
function withoutPadding(rest: DataView, bytes: number): DataView {
  if ((rest.getUint8(0) & paddingBit) === 0) return new DataView(rest.buffer, rest.byteOffset, bytes);
  const padding = rest.getUint8(bytes - 1);
  const isWhole = padding % 4 === 0 || isTwcc(rest.getUint8(1), rest.getUint8(0) & countMask);
  if (padding === 0 || !isWhole || padding > bytes - headerBytes) {
    throw new WireError('rtcp', `padding of ${padding} bytes`);
  }
  return new DataView(rest.buffer, rest.byteOffset, bytes - padding);
}

function readPacket(packet: DataView): readonly RtcpItem[] {
  const count = packet.getUint8(0) & countMask;
  switch (packet.getUint8(1)) {
    case senderReport:
      return [{ kind: 'receiverReport', blocks: readReportBlocks(packet, 28, count) }];
    case receiverReport:
      return [{ kind: 'receiverReport', blocks: readReportBlocks(packet, 8, count) }];
    case goodbye:
      return [{ kind: 'bye', ssrcs: readSources(packet, count) }];
    case twccFeedbackType:
      return readTransportLayerFeedback(packet, count);
    case payloadFeedback:
      return readPayloadFeedback(packet, count);
    default:
      return [];
  }
}

function readSources(packet: DataView, count: number): readonly number[] {
  if (headerBytes + count * 4 > packet.byteLength) throw new WireError('rtcp.bye', 'cut off in its sources');
  return Array.from({ length: count }, (_, n) => packet.getUint32(headerBytes + n * 4));
}
