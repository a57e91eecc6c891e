/** Messages into chunks (RTMP 1.0 5.3.1). */
import type { Message } from './message.js';

const defaultChunkSizeBytes = 128;
const extendedFrom = 0xffffff;

export interface ChunkWriter {
  /** The bytes to send, in order. */
  write(message: Message): Uint8Array[];
  /** For the chunks after a Set Chunk Size message has been written. 1 to 2^31-1; 128 at first. */
  setChunkSize(sizeBytes: number): void;
}

/**
 * Each message starts with a full header (type 0): what the shorter ones save, some bytes a message, is not worth
 * their meaning, about which servers differ.
 */
export function createChunkWriter(): ChunkWriter {
  let chunkSizeBytes = defaultChunkSizeBytes;

  return {
    write(message) {
      const { chunkStreamId, body } = message;
      const timestampMs = message.timestampMs >>> 0;
      const isExtended = timestampMs >= extendedFrom;
      const basicBytes = basicHeaderBytes(chunkStreamId);
      const followers = Math.max(0, Math.ceil(body.length / chunkSizeBytes) - 1);
      const extendedBytes = isExtended ? 4 : 0;
      const headerBytes = basicBytes + 11 + followers * basicBytes + (followers + 1) * extendedBytes;
      const out = new Uint8Array(headerBytes + body.length);
      const view = new DataView(out.buffer);

      let at = writeBasicHeader(out, 0, 0, chunkStreamId);
      writeU24(view, at, isExtended ? extendedFrom : timestampMs);
      writeU24(view, at + 3, body.length);
      view.setUint8(at + 6, message.typeId);
      // The only little-endian field of the protocol (RTMP 1.0 5.3.1.2.1).
      view.setUint32(at + 7, message.streamId, true);
      at += 11;
      for (let sent = 0; ; ) {
        if (isExtended) view.setUint32(at, timestampMs);
        at += extendedBytes;
        const end = Math.min(body.length, sent + chunkSizeBytes);
        out.set(body.subarray(sent, end), at);
        at += end - sent;
        sent = end;
        if (sent === body.length) return [out];
        at = writeBasicHeader(out, at, 3, chunkStreamId);
      }
    },
    setChunkSize(sizeBytes) {
      chunkSizeBytes = sizeBytes;
    },
  };
}

function basicHeaderBytes(chunkStreamId: number): number {
  if (chunkStreamId < 64) return 1;
  return chunkStreamId < 320 ? 2 : 3;
}

/** Returns where the header ends. */
function writeBasicHeader(out: Uint8Array, at: number, headerType: number, chunkStreamId: number): number {
  const bits = headerType << 6;
  if (chunkStreamId < 64) {
    out[at] = bits | chunkStreamId;
    return at + 1;
  }
  const above = chunkStreamId - 64;
  out[at] = bits | (above < 256 ? 0 : 1);
  out[at + 1] = above & 0xff;
  if (above < 256) return at + 2;
  out[at + 2] = above >> 8;
  return at + 3;
}

function writeU24(view: DataView, at: number, value: number): void {
  view.setUint16(at, value >>> 8);
  view.setUint8(at + 2, value & 0xff);
}
