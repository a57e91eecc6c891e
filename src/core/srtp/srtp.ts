/**
 * SRTP and SRTCP of one viewer: AES-128-GCM (RFC 7714) and AES-128-CM with HMAC-SHA1-80 (RFC 3711).
 *
 * The caller numbers the packets and never gives two different packets one number; the same packet under the same
 * number comes out byte by byte the same, so a packet sent again needs no copy kept (RFC 3711 9.1).
 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { createReplayWindow, type ReplayWindow } from '../bytes/replay-window.js';
import { maxRtcpSources, readSourceIndices, sourceIndexWords, writeSourceIndex } from './source-indices.js';
import { deriveSessionKeys, type SessionKeys, type SrtpProfile } from './srtp-keys.js';

const rtcpHeaderBytes = 8;
export const gcmTagBytes = 16;
export const sha1TagBytes = 10;
const encryptedFlag = 0x8000_0000;
/** SRTCP indices are 31 bits (RFC 3711 3.4). */
export const maxRtcpIndex = 0x7fff_ffff;

export interface SrtpSender {
  /** `header`: 12 bytes, and an extension where it has one. `index`: 48-bit packet index, roll-over counter and sequence number. */
  protectRtp(header: Buffer, payload: Uint8Array, index: number): Buffer;
  /** `index`: 0..2^31-1, a new one for each packet. */
  protectRtcp(packet: Uint8Array, index: number): Buffer;
}

export interface SrtcpReceiver {
  /** The RTCP packet, or null when it is not authentic, not whole, or came before. */
  open(packet: Uint8Array): Uint8Array | null;
}

export function createSrtpSender(profile: SrtpProfile, masterKey: Uint8Array, masterSalt: Uint8Array): SrtpSender {
  const rtp = deriveSessionKeys(profile, 'rtp', masterKey, masterSalt);
  const rtcp = deriveSessionKeys(profile, 'rtcp', masterKey, masterSalt);
  if (profile === 'AEAD_AES_128_GCM') {
    return {
      protectRtp: (header, payload, index) => sealRtpGcm(rtp, header, payload, index),
      protectRtcp: (packet, index) => sealRtcpGcm(rtcp, packet, index),
    };
  }
  return {
    protectRtp: (header, payload, index) => sealRtpCm(rtp, header, payload, index),
    protectRtcp: (packet, index) => sealRtcpCm(rtcp, packet, index),
  };
}

/** `indices`: what another receiver of the same session had taken, and where this one notes it (source-indices.ts). */
export function createSrtcpReceiver(
  profile: SrtpProfile,
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  indices: Float64Array = new Float64Array(sourceIndexWords).fill(-1),
): SrtcpReceiver {
  const keys = deriveSessionKeys(profile, 'rtcp', masterKey, masterSalt);
  const open = profile === 'AEAD_AES_128_GCM' ? openRtcpGcm : openRtcpCm;
  /** Each source counts by itself (RFC 3711 3.2.3): Chromium reports on audio under another SSRC than on video. */
  const windows = new Map<number, ReplayWindow>(
    [...readSourceIndices(indices)].map(([ssrc, highest]) => [ssrc, createReplayWindow(highest)]),
  );
  return {
    open(packet) {
      const opened = open(keys, packet);
      if (opened === null) return null;
      const ssrc = Buffer.from(opened.plain).readUInt32BE(4);
      const window = windows.get(ssrc) ?? createReplayWindow();
      if (!windows.has(ssrc) && windows.size >= maxRtcpSources) return null;
      windows.set(ssrc, window);
      if (!window.accept(opened.index)) return null;
      writeSourceIndex(indices, ssrc, window.highest);
      return opened.plain;
    },
  };
}

/** RFC 7714 8.1: 00 00, SSRC, roll-over counter, sequence number; XOR salt. */
export function rtpGcmIv(salt: Uint8Array, header: Buffer, index: number): Buffer {
  const iv = Buffer.alloc(12);
  header.copy(iv, 2, 8, 12);
  iv.writeUIntBE(index, 6, 6);
  return xor(iv, salt);
}

/** Exported to be held against the vectors of RFC 7714 16, which give session keys. */
export function sealRtpGcm(keys: SessionKeys, header: Buffer, payload: Uint8Array, index: number): Buffer {
  const cipher = createCipheriv('aes-128-gcm', keys.key, rtpGcmIv(keys.salt, header, index));
  cipher.setAAD(header);
  const sealed = Buffer.allocUnsafe(header.length + payload.length + gcmTagBytes);
  header.copy(sealed);
  cipher.update(payload).copy(sealed, header.length);
  cipher.final();
  cipher.getAuthTag().copy(sealed, header.length + payload.length);
  return sealed;
}

/** RFC 7714 9.1: 00 00, SSRC, 00 00, index of 31 bits; XOR salt. */
function rtcpGcmIv(salt: Uint8Array, packet: Uint8Array, index: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.set(packet.subarray(4, 8), 2);
  iv.writeUInt32BE(index, 8);
  return xor(iv, salt);
}

function sealRtcpGcm(keys: SessionKeys, packet: Uint8Array, index: number): Buffer {
  const header = packet.subarray(0, rtcpHeaderBytes);
  const word = indexWord(index);
  const cipher = createCipheriv('aes-128-gcm', keys.key, rtcpGcmIv(keys.salt, packet, index));
  cipher.setAAD(Buffer.concat([header, word]));
  const body = cipher.update(packet.subarray(rtcpHeaderBytes));
  cipher.final();
  return Buffer.concat([header, body, cipher.getAuthTag(), word]);
}

interface OpenedRtcp {
  readonly plain: Uint8Array;
  readonly index: number;
}

function openRtcpGcm(keys: SessionKeys, packet: Uint8Array): OpenedRtcp | null {
  if (packet.length < rtcpHeaderBytes + gcmTagBytes + 4) return null;
  const word = Buffer.from(packet.subarray(-4));
  const { index, isEncrypted } = readIndexWord(word);
  if (!isEncrypted) return null;
  const header = packet.subarray(0, rtcpHeaderBytes);
  const tagAt = packet.length - 4 - gcmTagBytes;
  const decipher = createDecipheriv('aes-128-gcm', keys.key, rtcpGcmIv(keys.salt, packet, index), {
    authTagLength: gcmTagBytes,
  });
  decipher.setAAD(Buffer.concat([header, word]));
  decipher.setAuthTag(packet.subarray(tagAt, tagAt + gcmTagBytes));
  const body = decipher.update(packet.subarray(rtcpHeaderBytes, tagAt));
  try {
    decipher.final();
  } catch {
    return null; // The only way in which node:crypto says that the tag does not fit.
  }
  return { plain: Buffer.concat([header, body]), index };
}

/** RFC 3711 4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
export function cmIv(salt: Uint8Array, ssrc: Uint8Array, index: number): Buffer {
  const iv = Buffer.alloc(16);
  iv.set(ssrc, 4);
  iv.writeUIntBE(index, 8, 6);
  return xor(iv, salt);
}

function sealRtpCm(keys: SessionKeys, header: Buffer, payload: Uint8Array, index: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', keys.key, cmIv(keys.salt, header.subarray(8, 12), index));
  const sealed = Buffer.allocUnsafe(header.length + payload.length + sha1TagBytes);
  header.copy(sealed);
  cipher.update(payload).copy(sealed, header.length);
  const rollOver = Buffer.allocUnsafe(4);
  rollOver.writeUInt32BE(Math.floor(index / 0x1_0000) % 0x1_0000_0000);
  const mac = createHmac('sha1', keys.authKey);
  mac.update(sealed.subarray(0, header.length + payload.length)).update(rollOver);
  mac.digest().copy(sealed, header.length + payload.length, 0, sha1TagBytes);
  return sealed;
}

function sealRtcpCm(keys: SessionKeys, packet: Uint8Array, index: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', keys.key, cmIv(keys.salt, packet.subarray(4, 8), index));
  const body = cipher.update(packet.subarray(rtcpHeaderBytes));
  const signed = Buffer.concat([packet.subarray(0, rtcpHeaderBytes), body, indexWord(index)]);
  return Buffer.concat([signed, sha1Tag(keys, signed)]);
}

function openRtcpCm(keys: SessionKeys, packet: Uint8Array): OpenedRtcp | null {
  if (packet.length < rtcpHeaderBytes + 4 + sha1TagBytes) return null;
  const signed = packet.subarray(0, packet.length - sha1TagBytes);
  if (!timingSafeEqual(sha1Tag(keys, signed), packet.subarray(-sha1TagBytes))) return null;
  const { index, isEncrypted } = readIndexWord(Buffer.from(signed.subarray(-4)));
  const body = signed.subarray(rtcpHeaderBytes, -4);
  if (!isEncrypted) return { plain: signed.subarray(0, -4), index };
  const decipher = createDecipheriv('aes-128-ctr', keys.key, cmIv(keys.salt, packet.subarray(4, 8), index));
  return { plain: Buffer.concat([packet.subarray(0, rtcpHeaderBytes), decipher.update(body)]), index };
}

const sha1Tag = (keys: SessionKeys, signed: Uint8Array): Buffer =>
  createHmac('sha1', keys.authKey).update(signed).digest().subarray(0, sha1TagBytes);

function indexWord(index: number): Buffer {
  const word = Buffer.allocUnsafe(4);
  word.writeUInt32BE(encryptedFlag + index);
  return word;
}

function readIndexWord(word: Buffer): { readonly index: number; readonly isEncrypted: boolean } {
  const value = word.readUInt32BE();
  const isEncrypted = value >= encryptedFlag;
  return { index: isEncrypted ? value - encryptedFlag : value, isEncrypted };
}

function xor(iv: Buffer, salt: Uint8Array): Buffer {
  for (let at = 0; at < salt.length; at += 1) iv[at] = (iv[at] ?? 0) ^ (salt[at] ?? 0);
  return iv;
}
