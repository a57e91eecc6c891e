/** A STUN client that asks how its address looks from outside (RFC 8489 6.1, 14.1, 14.2): no credentials, one answer. */

const headerBytes = 20;
const magicCookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const xorMappedAddress = 0x0020;
const families: Readonly<Record<number, number>> = { 1: 4, 2: 16 };

export interface MappedAddress {
  readonly address: string;
  readonly port: number;
}

/** `transactionId`: 12 random bytes. */
export function writeAddressRequest(transactionId: Uint8Array): Buffer {
  const message = Buffer.alloc(headerBytes);
  message.writeUInt16BE(bindingRequest, 0);
  message.writeUInt32BE(magicCookie, 4);
  message.set(transactionId, 8);
  return message;
}

/** Null for what is no answer to this request, or names no address. */
export function readMappedAddress(message: Uint8Array, transactionId: Uint8Array): MappedAddress | null {
  const bytes = Buffer.from(message);
  if (bytes.length < headerBytes || bytes.readUInt16BE(0) !== bindingSuccess) return null;
  if (bytes.readUInt32BE(4) !== magicCookie || !bytes.subarray(8, headerBytes).equals(transactionId)) return null;
  for (let at = headerBytes; at + 4 <= bytes.length; ) {
    const sizeBytes = bytes.readUInt16BE(at + 2);
    const value = bytes.subarray(at + 4, at + 4 + sizeBytes);
    if (value.length < sizeBytes) return null;
    if (bytes.readUInt16BE(at) === xorMappedAddress) return readAddress(value, bytes.subarray(4, headerBytes));
    at += 4 + sizeBytes + ((4 - (sizeBytes % 4)) % 4);
  }
  return null;
}

/** `pad`: magic cookie and transaction id, which the address is XORed with. */
function readAddress(value: Buffer, pad: Buffer): MappedAddress | null {
  const size = families[value[1] ?? 0];
  if (size === undefined || value.length !== 4 + size) return null;
  const port = value.readUInt16BE(2) ^ (magicCookie >>> 16);
  const address = value.subarray(4).map((byte, n) => byte ^ (pad[n] ?? 0));
  if (size === 4) return { address: address.join('.'), port };
  const words = Array.from({ length: 8 }, (_, n) =>
    ((address[2 * n] ?? 0) * 256 + (address[2 * n + 1] ?? 0)).toString(16),
  );
  return { address: words.join(':'), port };
}
