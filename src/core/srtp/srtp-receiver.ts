/**
 * SRTP of one sender, received: AES-128-GCM (RFC 7714) and AES-128-CM with HMAC-SHA1-80 (RFC 3711). A packet that comes again is
 * opened again: who puts packets in order leaves it out (core/receive/packet-order.ts), and so needs no window here.
 */
import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { cmIv, gcmTagBytes, rtpGcmIv, sha1TagBytes } from './srtp.js';
import { deriveSessionKeys, type SessionKeys, type SrtpProfile } from './srtp-keys.js';

export interface OpenedRtp {
  readonly sequence: number;
  readonly rtpTs: number;
  readonly marker: boolean;
  readonly payloadType: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

export interface SrtpReceiver {
  /** Null for what is not authentic, or no RTP. */
  open(packet: Uint8Array): OpenedRtp | null;
}

const fixedBytes = 12;
const wordBytes = 4;
/** Video, audio, and what is sent again beside them; a sender may take another SSRC now and then. */
const maxSources = 64;

export function createSrtpReceiver(profile: SrtpProfile, masterKey: Uint8Array, masterSalt: Uint8Array): SrtpReceiver {
  const keys = deriveSessionKeys(profile, 'rtp', masterKey, masterSalt);
  const open = profile === 'AEAD_AES_128_GCM' ? openGcm : openCm;
  /** The highest index of each source: roll-over counter and sequence number. */
  const highest = new Map<number, number>();
  return {
    open(bytes) {
      const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const headerBytes = headerBytesOf(packet);
      if (headerBytes === null) return null;
      const [sequence, ssrc] = [packet.readUInt16BE(2), packet.readUInt32BE(8)];
      const index = indexOf(sequence, highest.get(ssrc));
      const plain = index < 0 ? null : open(keys, packet, headerBytes, index);
      if (plain === null || (!highest.has(ssrc) && highest.size >= maxSources)) return null;
      highest.set(ssrc, Math.max(index, highest.get(ssrc) ?? index));
      const payload = withoutPadding(packet, plain);
      const [, second = 0] = packet;
      const [marker, payloadType] = [second >= 0x80, second & 0x7f];
      return payload && { sequence, rtpTs: packet.readUInt32BE(4), marker, payloadType, ssrc, payload };
    },
  };
}

/** With its sources and its extension (RFC 3550 5.1, 5.3.1); null for what is no RTP. */
function headerBytesOf(packet: Buffer): number | null {
  const [first = 0] = packet;
  if (packet.length < fixedBytes || first >> 6 !== 2) return null;
  const extensionAt = fixedBytes + (first & 0x0f) * wordBytes;
  if ((first & 0x10) === 0) return extensionAt;
  if (packet.length < extensionAt + wordBytes) return null;
  return extensionAt + wordBytes * (1 + packet.readUInt16BE(extensionAt + 2));
}

/** RFC 3711 3.3.1: the one that is nearest to the highest; a source begins in round 0. */
const indexOf = (sequence: number, highest = sequence): number => highest + (((sequence - highest) << 16) >> 16);

function openGcm(keys: SessionKeys, packet: Buffer, headerBytes: number, index: number): Buffer | null {
  const tagAt = packet.length - gcmTagBytes;
  if (tagAt < headerBytes) return null;
  const header = packet.subarray(0, headerBytes);
  const decipher = createDecipheriv('aes-128-gcm', keys.key, rtpGcmIv(keys.salt, header, index), {
    authTagLength: gcmTagBytes,
  });
  decipher.setAAD(header);
  decipher.setAuthTag(packet.subarray(tagAt));
  const plain = decipher.update(packet.subarray(headerBytes, tagAt));
  try {
    decipher.final();
  } catch {
    return null; // The only way in which node:crypto says that the tag does not fit.
  }
  return plain;
}

function openCm(keys: SessionKeys, packet: Buffer, headerBytes: number, index: number): Buffer | null {
  const tagAt = packet.length - sha1TagBytes;
  if (tagAt < headerBytes) return null;
  const rollOver = Buffer.allocUnsafe(wordBytes);
  rollOver.writeUInt32BE(Math.floor(index / 0x1_0000) % 0x1_0000_0000);
  const tag = createHmac('sha1', keys.authKey).update(packet.subarray(0, tagAt)).update(rollOver).digest();
  if (!timingSafeEqual(tag.subarray(0, sha1TagBytes), packet.subarray(tagAt))) return null;
  const iv = cmIv(keys.salt, packet.subarray(8, 12), index);
  return createDecipheriv('aes-128-ctr', keys.key, iv).update(packet.subarray(headerBytes, tagAt));
}

/** The last byte counts it (RFC 3550 5.1). */
function withoutPadding([first = 0]: Buffer, plain: Buffer): Buffer | null {
  if ((first & 0x20) === 0) return plain;
  const padding = plain.at(-1) ?? 0;
  return padding === 0 || padding > plain.length ? null : plain.subarray(0, plain.length - padding);
}
