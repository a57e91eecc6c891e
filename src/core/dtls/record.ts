/** DTLS 1.2 records and handshake fragments (RFC 6347 4.1, 4.2.2), as a server reads them from a client. */

export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

const recordHeaderBytes = 13;
const fragmentHeaderBytes = 12;
/** RFC 6347 4.1: 2^14 bytes of plaintext, and what a cipher may add (RFC 5246 6.2.3). */
const maxFragmentBytes = 2 ** 14 + 2048;
/** One record is the least that a datagram holds, but nobody sends more than a flight in one. */
const maxRecords = 16;

export interface DtlsRecord {
  readonly type: number;
  readonly version: number;
  readonly epoch: number;
  readonly sequence: number;
  /** Encrypted from epoch 1 on. */
  readonly body: Buffer;
  /** Header and body. */
  readonly bytes: Buffer;
}

export interface HandshakeFragment {
  readonly type: number;
  readonly messageBytes: number;
  readonly sequence: number;
  readonly offset: number;
  readonly body: Buffer;
}

/** The records of a datagram; none when any of them is not of DTLS or its length does not fit (RFC 6347 4.1.2.7: dropped). */
export function readRecords(datagram: Uint8Array): readonly DtlsRecord[] {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const records: DtlsRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (records.length === maxRecords || bytes.length - at < recordHeaderBytes) return [];
    const type = bytes.readUInt8(at);
    const version = bytes.readUInt16BE(at + 1);
    const sizeBytes = bytes.readUInt16BE(at + 11);
    const end = at + recordHeaderBytes + sizeBytes;
    const known = type >= contentType.changeCipherSpec && type <= contentType.applicationData && version >> 8 === 0xfe;
    if (!known || sizeBytes === 0 || sizeBytes > maxFragmentBytes || end > bytes.length) return [];
    records.push({
      type,
      version,
      epoch: bytes.readUInt16BE(at + 3),
      sequence: bytes.readUIntBE(at + 5, 6),
      body: bytes.subarray(at + recordHeaderBytes, end),
      bytes: bytes.subarray(at, end),
    });
    at = end;
  }
  return records;
}

/**
 * The handshake fragments of a plaintext record; none when any of them breaks a bound: empty, outside its own message,
 * or beyond `maxMessageBytes` (nothing is allocated by what a length field says).
 */
export function readFragments(record: Buffer, maxMessageBytes: number): readonly HandshakeFragment[] {
  const fragments: HandshakeFragment[] = [];
  for (let at = 0; at < record.length; ) {
    if (record.length - at < fragmentHeaderBytes) return [];
    const messageBytes = record.readUIntBE(at + 1, 3);
    const offset = record.readUIntBE(at + 6, 3);
    const sizeBytes = record.readUIntBE(at + 9, 3);
    const end = at + fragmentHeaderBytes + sizeBytes;
    if (messageBytes > maxMessageBytes || sizeBytes === 0 || offset + sizeBytes > messageBytes) return [];
    if (end > record.length) return [];
    fragments.push({
      type: record.readUInt8(at),
      messageBytes,
      sequence: record.readUInt16BE(at + 4),
      offset,
      body: record.subarray(at + fragmentHeaderBytes, end),
    });
    at = end;
  }
  return fragments;
}

/** The fragment as it stands in a record. */
export function writeFragment(fragment: Omit<HandshakeFragment, 'body'> & { readonly body: Uint8Array }): Buffer {
  const { type, messageBytes, sequence, offset, body } = fragment;
  const bytes = Buffer.alloc(fragmentHeaderBytes + body.length);
  bytes.writeUInt8(type, 0);
  bytes.writeUIntBE(messageBytes, 1, 3);
  bytes.writeUInt16BE(sequence, 4);
  bytes.writeUIntBE(offset, 6, 3);
  bytes.writeUIntBE(body.length, 9, 3);
  bytes.set(body, fragmentHeaderBytes);
  return bytes;
}

/** One whole handshake message in a plaintext record of its own. */
export function writeHandshakeRecord(
  type: number,
  messageSequence: number,
  body: Uint8Array,
  sequence: number,
): Buffer {
  const message = { type, messageBytes: body.length, sequence: messageSequence, offset: 0, body };
  const header = Buffer.alloc(recordHeaderBytes);
  header.writeUInt8(contentType.handshake, 0);
  header.writeUInt16BE(0xfefd, 1);
  header.writeUIntBE(sequence, 5, 6);
  header.writeUInt16BE(fragmentHeaderBytes + body.length, 11);
  return Buffer.concat([header, writeFragment(message)]);
}
