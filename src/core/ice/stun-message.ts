/**
 * The STUN that an ICE-lite agent speaks (RFC 8489, RFC 8445 7): reads binding requests, checks their integrity, writes
 * the success response; that of a client which asks for its own address is in stun-client.ts. Nothing else of STUN is known here:
 * no error responses, no long-term credentials, no TURN. What is no sound binding request reads as null, so that the caller drops
 * it without an answer.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from './crc32.js';

const headerBytes = 20;
const magicCookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
/** RFC 8489 14.7: the CRC is told apart from that of other protocols by "STUN". */
const fingerprintXor = 0x5354554e;
/** A check of a browser takes some 110 bytes; RFC 8489 6.1 sends no more than this where the path's MTU is not known. */
const maxMessageBytes = 548;
/** RFC 8489 14.3: fewer than 509 bytes. */
const maxUsernameBytes = 508;

const attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
} as const;

export interface BindingRequest {
  readonly transactionId: Uint8Array;
  /** The part of USERNAME before the colon, that names our session, and the part behind it (RFC 8445 7.2.2). */
  readonly localUfrag: string;
  readonly remoteUfrag: string;
  /** PRIORITY of the sender's candidate (RFC 8445 7.1.1); 0 without one. */
  readonly priority: number;
  readonly useCandidate: boolean;
  /** Where MESSAGE-INTEGRITY begins. */
  readonly integrityAt: number;
}

/** The length field is what the integrity attributes cover it with: RFC 8489 14.5 sets it to the end of the attribute. */
function withLength(message: Uint8Array, end: number, lengthBytes: number): Buffer {
  const copy = Buffer.from(message.subarray(0, end));
  copy.writeUInt16BE(lengthBytes, 2);
  return copy;
}

const integrity = (message: Uint8Array, at: number, password: string): Buffer =>
  createHmac('sha1', password)
    .update(withLength(message, at, at + 24 - headerBytes))
    .digest();

const fingerprint = (message: Uint8Array, at: number): number => (crc32(message, 0, at) ^ fingerprintXor) >>> 0;

/** True when the header is that of a binding request of the length that arrived; costs next to nothing. */
function hasRequestHeader(view: DataView): boolean {
  if (view.byteLength < headerBytes || view.byteLength > maxMessageBytes) return false;
  if (view.getUint16(0) !== bindingRequest || view.getUint32(4) !== magicCookie) return false;
  const lengthBytes = view.getUint16(2);
  return lengthBytes % 4 === 0 && lengthBytes === view.byteLength - headerBytes;
}

interface Attributes {
  readonly username: string | null;
  readonly priority: number;
  readonly useCandidate: boolean;
  readonly integrityAt: number;
}

/** Null when an attribute runs over the end, or FINGERPRINT is missing, wrong, or not the last one. */
function readAttributes(message: Uint8Array, view: DataView): Attributes | null {
  let username: string | null = null;
  let priority = 0;
  let useCandidate = false;
  let integrityAt = 0;
  for (let at = headerBytes; at + 4 <= message.length; ) {
    const type = view.getUint16(at);
    const sizeBytes = view.getUint16(at + 2);
    const end = at + 4 + sizeBytes;
    if (end > message.length) return null;
    if (type === attribute.fingerprint) {
      const isLast = sizeBytes === 4 && end === message.length;
      if (!isLast || view.getUint32(at + 4) !== fingerprint(message, at)) return null;
      return { username, priority, useCandidate, integrityAt };
    }
    // RFC 8489 14.5: what stands behind MESSAGE-INTEGRITY is not covered by it, and ignored.
    if (integrityAt === 0) {
      if (type === attribute.username && username === null && sizeBytes <= maxUsernameBytes) {
        username = Buffer.from(message.subarray(at + 4, end)).toString('utf8');
      } else if (type === attribute.priority && sizeBytes === 4) priority = view.getUint32(at + 4);
      else if (type === attribute.useCandidate) useCandidate = true;
      else if (type === attribute.messageIntegrity && sizeBytes === 20) integrityAt = at;
    }
    at = end + ((4 - (sizeBytes % 4)) % 4);
  }
  return null;
}

/** A binding request with USERNAME, MESSAGE-INTEGRITY (not checked yet) and a right FINGERPRINT, else null. */
export function readBindingRequest(message: Uint8Array): BindingRequest | null {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (!hasRequestHeader(view)) return null;
  const found = readAttributes(message, view);
  if (found === null || found.username === null || found.integrityAt === 0) return null;
  const colon = found.username.indexOf(':');
  if (colon <= 0) return null;
  return {
    transactionId: message.subarray(8, headerBytes),
    localUfrag: found.username.slice(0, colon),
    remoteUfrag: found.username.slice(colon + 1),
    priority: found.priority,
    useCandidate: found.useCandidate,
    integrityAt: found.integrityAt,
  };
}

/** True when MESSAGE-INTEGRITY was made with `password` (the short-term key of RFC 8489 9.1). */
export function isAuthentic(message: Uint8Array, request: BindingRequest, password: string): boolean {
  const { integrityAt } = request;
  return timingSafeEqual(
    integrity(message, integrityAt, password),
    message.subarray(integrityAt + 4, integrityAt + 24),
  );
}

/** RFC 8489 14.2: address and port are XORed with the magic cookie, an IPv6 address with the transaction id too. */
function xorMappedAddress(transactionId: Uint8Array, address: Uint8Array, port: number): Buffer {
  const body = Buffer.alloc(8 + address.length);
  body.writeUInt16BE(attribute.xorMappedAddress, 0);
  body.writeUInt16BE(4 + address.length, 2);
  body.writeUInt8(address.length === 4 ? 1 : 2, 5);
  body.writeUInt16BE(port ^ (magicCookie >>> 16), 6);
  const pad = Buffer.alloc(16);
  pad.writeUInt32BE(magicCookie);
  pad.set(transactionId, 4);
  for (let at = 0; at < address.length; at += 1) body.writeUInt8((address[at] ?? 0) ^ pad.readUInt8(at), 8 + at);
  return body;
}

/** `address`: the source of the request, 4 or 16 bytes. */
export function writeBindingSuccess(
  transactionId: Uint8Array,
  address: Uint8Array,
  port: number,
  password: string,
): Buffer {
  const mapped = xorMappedAddress(transactionId, address, port);
  const integrityAt = headerBytes + mapped.length;
  const message = Buffer.alloc(integrityAt + 24 + 8);
  message.writeUInt16BE(bindingSuccess, 0);
  message.writeUInt16BE(message.length - headerBytes, 2);
  message.writeUInt32BE(magicCookie, 4);
  message.set(transactionId, 8);
  message.set(mapped, headerBytes);
  message.writeUInt16BE(attribute.messageIntegrity, integrityAt);
  message.writeUInt16BE(20, integrityAt + 2);
  message.set(integrity(message, integrityAt, password), integrityAt + 4);
  message.writeUInt16BE(attribute.fingerprint, integrityAt + 24);
  message.writeUInt16BE(4, integrityAt + 26);
  message.writeUInt32BE(fingerprint(message, integrityAt + 24), integrityAt + 28);
  return message;
}
