/** RTMP messages: their types, and the bodies of the protocol and user control messages (RTMP 1.0 5.4, 6.2, 7.1). */
import { createByteReader } from '../bytes/byte-reader.js';

export const messageTypes = {
  setChunkSize: 1,
  abort: 2,
  ack: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  sharedObjectAmf3: 16,
  commandAmf3: 17,
  dataAmf0: 18,
  sharedObjectAmf0: 19,
  commandAmf0: 20,
  aggregate: 22,
} as const;

const knownTypes: ReadonlySet<number> = new Set(Object.values(messageTypes));

/** False for a number that no message has: bytes that are no header say one in most cases. */
export function isKnownType(typeId: number): boolean {
  return knownTypes.has(typeId);
}

export interface Message {
  /** One of `messageTypes`, or a type that nobody knows. 0 to 255. */
  readonly typeId: number;
  /** The message stream: 0 is the connection itself. 32 bit unsigned. */
  readonly streamId: number;
  /** 32 bit unsigned; wraps after 49 days. */
  readonly timestampMs: number;
  /** 2 to 65,599. */
  readonly chunkStreamId: number;
  readonly body: Uint8Array;
}

/** User control events (RTMP 1.0 7.1.7); `other` are those of Adobe's servers that no specification names. */
export type UserControl =
  | { readonly kind: 'streamBegin' | 'streamEof' | 'streamDry' | 'streamIsRecorded'; readonly streamId: number }
  | { readonly kind: 'setBufferLength'; readonly streamId: number; readonly bufferMs: number }
  | { readonly kind: 'pingRequest' | 'pingResponse'; readonly timestamp: number }
  | { readonly kind: 'other'; readonly eventType: number };

export type PeerBandwidthLimit = 'hard' | 'soft' | 'dynamic';

const events = {
  streamBegin: 0,
  streamEof: 1,
  streamDry: 2,
  setBufferLength: 3,
  streamIsRecorded: 4,
  pingRequest: 6,
  pingResponse: 7,
} as const;
const bandwidthLimits: readonly PeerBandwidthLimit[] = ['hard', 'soft', 'dynamic'];
/** Type, size, timestamp and stream of a sub-message: the header of an FLV tag. */
const tagHeaderBytes = 11;
const backPointerBytes = 4;

/** @param chunkSizeBytes 1 to 2^31-1. */
export function encodeSetChunkSize(chunkSizeBytes: number): Uint8Array {
  return encodeU32(chunkSizeBytes);
}

export function encodeWindowAckSize(windowBytes: number): Uint8Array {
  return encodeU32(windowBytes);
}

/** @param receivedBytes since the connection began; taken modulo 2^32 (RTMP 1.0 5.4.3). */
export function encodeAck(receivedBytes: number): Uint8Array {
  return encodeU32(receivedBytes);
}

/** Body of a user control message: how much the player buffers of a stream. */
export function encodeSetBufferLength(streamId: number, bufferMs: number): Uint8Array {
  return encodeEvent(events.setBufferLength, streamId, bufferMs);
}

/** Body of a user control message: it is to be answered with this timestamp. */
export function encodePing(timestamp: number): Uint8Array {
  return encodeEvent(events.pingRequest, timestamp);
}

/** Body of a user control message: the answer to a ping request, with its timestamp. */
export function encodePong(timestamp: number): Uint8Array {
  return encodeEvent(events.pingResponse, timestamp);
}

/** Body of a user control message: a server's word that a stream can be used. */
export function streamBegin(streamId: number): Uint8Array {
  return encodeEvent(events.streamBegin, streamId);
}

/** Error: WireError. */
export function parseUserControl({ body }: Message): UserControl {
  const reader = createByteReader(body, 'rtmp.userControl');
  const eventType = reader.u16();
  switch (eventType) {
    case events.streamBegin:
      return { kind: 'streamBegin', streamId: reader.u32() };
    case events.streamEof:
      return { kind: 'streamEof', streamId: reader.u32() };
    case events.streamDry:
      return { kind: 'streamDry', streamId: reader.u32() };
    case events.streamIsRecorded:
      return { kind: 'streamIsRecorded', streamId: reader.u32() };
    case events.setBufferLength:
      return { kind: 'setBufferLength', streamId: reader.u32(), bufferMs: reader.u32() };
    case events.pingRequest:
      return { kind: 'pingRequest', timestamp: reader.u32() };
    case events.pingResponse:
      return { kind: 'pingResponse', timestamp: reader.u32() };
    default:
      return { kind: 'other', eventType };
  }
}

/** Bytes after which the peer wants an acknowledgement; 0: none. Error: WireError. */
export function parseWindowAckSize({ body }: Message): number {
  return createByteReader(body, 'rtmp.windowAckSize').u32();
}

/** Error: WireError. */
export function parseSetPeerBandwidth({ body }: Message): { windowBytes: number; limit: PeerBandwidthLimit } {
  const reader = createByteReader(body, 'rtmp.setPeerBandwidth');
  const windowBytes = reader.u32();
  // Some servers leave the type out, or send one that does not exist: dynamic asks for nothing.
  const limit = reader.remaining === 0 ? 'dynamic' : (bandwidthLimits[reader.u8()] ?? 'dynamic');
  return { windowBytes, limit };
}

/**
 * The messages inside an aggregate message, their bodies views of its body. The aggregate's timestamp is that of
 * the first; the others keep their distances (RTMP 1.0 7.1.6). What is cut short is left out, and so is an aggregate
 * inside it: nesting has no use, and would let a peer choose how deep its reader recurses.
 */
export function splitAggregate(message: Message): { readonly messages: readonly Message[]; readonly isWhole: boolean } {
  const reader = createByteReader(message.body, 'rtmp.aggregate');
  const messages: Message[] = [];
  let offsetMs: number | null = null;
  let isWhole = true;
  while (reader.remaining >= tagHeaderBytes) {
    const typeId = reader.u8();
    const sizeBytes = reader.u24();
    const tagMs = reader.u24() + reader.u8() * 0x1000000;
    // The sub-message's own stream is overridden by the aggregate's.
    reader.u24();
    if (sizeBytes > reader.remaining) return { messages, isWhole: false };
    const body = reader.bytes(sizeBytes);
    reader.bytes(Math.min(backPointerBytes, reader.remaining));
    offsetMs ??= message.timestampMs - tagMs;
    if (typeId === messageTypes.aggregate) isWhole = false;
    else messages.push({ ...message, typeId, timestampMs: (tagMs + offsetMs) >>> 0, body });
  }
  return { messages, isWhole: isWhole && reader.remaining === 0 };
}

function encodeU32(value: number): Uint8Array {
  const body = new Uint8Array(4);
  new DataView(body.buffer).setUint32(0, value);
  return body;
}

function encodeEvent(eventType: number, ...values: readonly number[]): Uint8Array {
  const body = new Uint8Array(2 + 4 * values.length);
  const view = new DataView(body.buffer);
  view.setUint16(0, eventType);
  for (const [index, value] of values.entries()) view.setUint32(2 + 4 * index, value);
  return body;
}
