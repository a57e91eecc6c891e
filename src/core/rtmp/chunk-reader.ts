/**
 * Chunks into messages (RTMP 1.0 5.3, and the control messages of 5.4 that concern chunks). A message that cannot be taken is
 * read past and counted; it is an error only where nobody knows any more where the next chunk begins.
 */
import { WireError } from '../bytes/wire-error.js';
import { createBodyMemory } from './body-memory.js';
import { type ChunkHeader, parseChunkHeader } from './chunk-header.js';
import { maxChunkStreams, maxHeldBytes } from './limits.js';
import { isKnownType, type Message, messageTypes } from './message.js';
import { appendToBody, createMessageBody, createSkippedBody, type MessageBody } from './message-body.js';

const where = 'rtmp.chunk';
const maxChunkSizeBytes = 0x7fffffff;
/** The first byte of a header that is this byte alone: type 3, and chunk streams 2 to 63 (RTMP 1.0 5.3.1.1). */
const leastShortHeader = 0xc2;
const chunkStreamMask = 0x3f;
const noBytes = new Uint8Array(0);

export interface ChunkReaderOptions {
  /** A longer message is read past. */
  readonly maxMessageBytes: number;
}

export interface ChunkReader {
  /**
   * Takes the next bytes, cut anywhere, and hands on the messages that they complete. Bodies are copies. Set Chunk
   * Size and Abort take effect here and are not among them. Error: WireError, when the messages before it are handed
   * on; the reader is of no use after it.
   */
  read(bytes: Uint8Array, take: (message: Message) => void): void;
  /** The same, as a list. Error: WireError, and of these bytes nothing else. */
  push(bytes: Uint8Array): Message[];
  /** Messages that were read past: too long, given up half-way, or control messages that say nothing that can be. */
  readonly skipped: number;
}

interface ChunkStream {
  readonly chunkStreamId: number;
  timestampMs: number;
  deltaMs: number;
  /** What the last header of type 0, 1 or 2 said: a type 3 chunk repeats it if it was extended. */
  timestampField: number;
  isExtended: boolean;
  lengthBytes: number;
  typeId: number;
  streamId: number;
  /** Null between messages. */
  body: MessageBody | null;
}

/** A chunk whose payload is being read. */
interface OpenChunk {
  readonly stream: ChunkStream;
  readonly body: MessageBody;
  /** From the place that is read next to the payload: 0 once the header is passed. */
  headerBytes: number;
  leftBytes: number;
}

export function createChunkReader({ maxMessageBytes }: ChunkReaderOptions): ChunkReader {
  const streams = new Map<number, ChunkStream>();
  const memory = createBodyMemory(maxHeldBytes(maxMessageBytes));
  let skipped = 0;
  let chunkSizeBytes = 128;
  /** An incomplete header, 17 bytes at most. */
  let carry = noBytes;
  let open: OpenChunk | null = null;

  const streamOf = ({ headerType, chunkStreamId }: ChunkHeader): ChunkStream => {
    const known = streams.get(chunkStreamId);
    if (known !== undefined) return known;
    // Type 1 as the first is against the letter, but librtmp's kin send it: its missing fields count as 0.
    if (headerType > 1) throw new WireError(where, `chunk stream ${chunkStreamId} begins with type ${headerType}`);
    if (streams.size >= maxChunkStreams) throw new WireError(where, `more than ${maxChunkStreams} chunk streams`);
    const idle = { timestampMs: 0, deltaMs: 0, timestampField: 0, isExtended: false };
    const stream = { chunkStreamId, ...idle, lengthBytes: 0, typeId: 0, streamId: 0, body: null };
    streams.set(chunkStreamId, stream);
    return stream;
  };

  const begin = (stream: ChunkStream, header: ChunkHeader): MessageBody => {
    applyHeader(stream, header);
    if (stream.lengthBytes <= maxMessageBytes) return createMessageBody(stream.lengthBytes);
    skipped += 1;
    return createSkippedBody(stream.lengthBytes);
  };

  const drop = (stream: ChunkStream): void => {
    if (stream.body !== null) memory.free(stream.body);
    stream.body = null;
  };

  /** The chunk whose header is at `at`, null while that is incomplete. */
  const openChunk = (view: DataView, at: number): OpenChunk | null => {
    const header = parseChunkHeader(view, at);
    if (header === null) return null;
    const stream = streamOf(header);
    const repeatedBytes = header.headerType === 3 ? extendedBytes(view, at + header.sizeBytes, stream) : 0;
    if (repeatedBytes === null) return null;
    if (stream.body !== null && isAnother(stream, header)) {
      if (!stream.body.isSkipped) skipped += 1;
      drop(stream);
    }
    stream.body ??= begin(stream, header);
    return chunkOf(stream, stream.body, header.sizeBytes + repeatedBytes, chunkSizeBytes);
  };

  const control = ({ typeId, body }: Message): void => {
    const value = readControl(body);
    if (value === null) skipped += 1;
    else if (typeId === messageTypes.abort) {
      const stream = streams.get(value);
      if (stream !== undefined) drop(stream);
    }
    // What nobody can write leaves the size as it was.
    else if (value < 1 || value > maxChunkSizeBytes) skipped += 1;
    else chunkSizeBytes = value;
  };

  /** Null for one that was read past. */
  const finish = (stream: ChunkStream, body: MessageBody): Message | null => {
    const { typeId, streamId, timestampMs, chunkStreamId } = stream;
    drop(stream);
    return body.isSkipped ? null : { typeId, streamId, timestampMs, chunkStreamId, body: body.room };
  };

  /** Takes what is there of the chunk; returns where it ends. */
  const readChunk = (bytes: Uint8Array, at: number, chunk: OpenChunk): number => {
    const { body } = chunk;
    const from = at + chunk.headerBytes;
    const to = Math.min(bytes.length, from + chunk.leftBytes);
    if (!body.isSkipped) skipped += memory.hold(body, to - from);
    appendToBody(body, bytes, from, to);
    chunk.headerBytes = 0;
    chunk.leftBytes -= to - from;
    return to;
  };

  const read: ChunkReader['read'] = (pushed, take) => {
    const bytes = carry.length === 0 ? pushed : join(carry, pushed);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    carry = noBytes;
    for (let at = 0; ; ) {
      const chunk = open ?? goOn(streams, bytes[at] ?? 0, chunkSizeBytes) ?? openChunk(view, at);
      if (chunk === null) {
        // A copy, for the caller may use its buffer again; slice of a Buffer would be a view.
        carry = new Uint8Array(bytes.subarray(at));
        return;
      }
      at = readChunk(bytes, at, chunk);
      open = chunk.leftBytes > 0 ? chunk : null;
      if (open !== null) return;
      if (chunk.body.receivedBytes < chunk.body.lengthBytes) continue;
      const message = finish(chunk.stream, chunk.body);
      if (message === null) continue;
      if (message.typeId === messageTypes.setChunkSize || message.typeId === messageTypes.abort) control(message);
      else take(message);
    }
  };

  return {
    read,
    push(bytes) {
      const messages: Message[] = [];
      read(bytes, (message) => messages.push(message));
      return messages;
    },
    get skipped() {
      return skipped;
    },
  };
}

function chunkOf(stream: ChunkStream, body: MessageBody, headerBytes: number, chunkSizeBytes: number): OpenChunk {
  const leftBytes = Math.min(chunkSizeBytes, body.lengthBytes - body.receivedBytes);
  return { stream, body, headerBytes, leftBytes };
}

/** Of nearly all chunks the header is one byte, by which a message goes on; null: it says more than that. */
function goOn(streams: ReadonlyMap<number, ChunkStream>, first: number, chunkSizeBytes: number): OpenChunk | null {
  const stream = first < leastShortHeader ? undefined : streams.get(first & chunkStreamMask);
  if (stream === undefined || stream.body === null || stream.isExtended) return null;
  return chunkOf(stream, stream.body, 1, chunkSizeBytes);
}

/** Null where the four bytes are not there. */
function readControl(body: Uint8Array): number | null {
  return body.length < 4 ? null : new DataView(body.buffer, body.byteOffset).getUint32(0);
}

/** A new message: what the header leaves out is as it was (RTMP 1.0 5.3.1.2). */
function applyHeader(stream: ChunkStream, header: ChunkHeader): void {
  if (header.headerType < 3) {
    stream.timestampField = header.timestampField;
    stream.isExtended = header.isExtended;
    // After type 0 a message of type 3 is as far off as the timestamp says (5.3.1.2.4); FFmpeg writes such.
    stream.deltaMs = header.timestampField;
  }
  if (header.headerType === 0) stream.streamId = header.streamId;
  if (header.headerType < 2) {
    stream.lengthBytes = header.lengthBytes;
    stream.typeId = header.typeId;
  }
  const baseMs = header.headerType === 0 ? 0 : stream.timestampMs;
  stream.timestampMs = (baseMs + stream.deltaMs) >>> 0;
}

/**
 * Within a message only type 3 is regular; some peers repeat type 1 or 2, which is let pass if it says the same. Any other
 * header begins another message: the one before was left half-way, if this is the header of a message at all.
 */
function isAnother(stream: ChunkStream, header: ChunkHeader): boolean {
  const { headerType, lengthBytes, typeId } = header;
  if (headerType > 1 || (headerType === 1 && lengthBytes === stream.lengthBytes && typeId === stream.typeId)) {
    return false;
  }
  if (isKnownType(typeId)) return true;
  throw new WireError(where, `a message of type ${typeId} within another on chunk stream ${stream.chunkStreamId}`);
}

/**
 * Bytes of the extended timestamp of a type 3 chunk, null while that is not known. It is there when the header
 * before had one (RTMP 1.0 5.3.1.3), but some peers leave it out: then the bytes differ from what it would hold.
 */
function extendedBytes(view: DataView, at: number, stream: ChunkStream): 0 | 4 | null {
  if (!stream.isExtended) return 0;
  const repeated = matchU32(view, at, stream.timestampField);
  if (repeated !== 0 || stream.body !== null) return repeated;
  // Some peers write the timestamp of the message that begins here.
  return matchU32(view, at, (stream.timestampMs + stream.deltaMs) >>> 0);
}

/** 4 when the value is there, 0 when other bytes are, null while there are too few to tell. */
function matchU32(view: DataView, at: number, value: number): 0 | 4 | null {
  const available = Math.min(4, view.byteLength - at);
  for (let index = 0; index < available; index += 1) {
    if (view.getUint8(at + index) !== ((value >>> (24 - 8 * index)) & 0xff)) return 0;
  }
  return available === 4 ? 4 : null;
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}
