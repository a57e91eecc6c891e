/** Packets on a byte stream: two bytes of length before each (RFC 4571 2), as ICE-TCP carries them (RFC 6544 3). */
import { WireError } from '../bytes/wire-error.js';

/** No packet that a viewer sends is longer: a ClientHello in one piece, a compound RTCP packet. */
export const maxFrameBytes = 4096;

export interface FrameReader {
  /** The packets that are complete now. Throws WireError for a length of zero or over the limit. */
  push(chunk: Uint8Array): readonly Buffer[];
}

export function createFrameReader(): FrameReader {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
      const frames: Buffer[] = [];
      let at = 0;
      while (bytes.length - at >= 2) {
        const sizeBytes = bytes.readUInt16BE(at);
        if (sizeBytes === 0 || sizeBytes > maxFrameBytes)
          throw new WireError('rfc4571', `a frame of ${sizeBytes} bytes`);
        if (bytes.length - at - 2 < sizeBytes) break;
        frames.push(bytes.subarray(at + 2, at + 2 + sizeBytes));
        at += 2 + sizeBytes;
      }
      // A copy: a part of it would keep the whole chunk in memory.
      rest = Buffer.from(bytes.subarray(at));
      return frames;
    },
  };
}

/** `packet`: at most 65,535 bytes. */
export function writeFrame(packet: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(2 + packet.length);
  frame.writeUInt16BE(packet.length, 0);
  frame.set(packet, 2);
  return frame;
}
