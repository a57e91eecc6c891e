/**
 * The alerts of a DTLS 1.2 connection that is up, in AES-128-GCM (RFC 5288 3, RFC 6347 4.1.2): all that DTLS has to say once SRTP
 * has its keys.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { contentType, type DtlsRecord } from './record.js';

/** As the handshake made them (RFC 5246 6.3); keys have 16 bytes, implicit nonces 4. */
export interface AlertKeys {
  readonly readKey: Uint8Array;
  readonly readNonce: Uint8Array;
  readonly writeKey: Uint8Array;
  readonly writeNonce: Uint8Array;
}

export interface Alert {
  readonly isFatal: boolean;
  /** RFC 5246 7.2. */
  readonly description: number;
}

export const closeNotify = 0;

const cipherName = 'aes-128-gcm';
const explicitNonceBytes = 8;
const tagBytes = 16;
const alertBytes = 2;
const recordHeaderBytes = 13;
const version12 = 0xfefd;
const fatal = 2;
const warning = 1;

/** Above every number of the handshake, or receivers would drop close_notify as a replay (RFC 6347 4.1.2.6). */
const closeSequence = 65_536;

/** RFC 5246 6.2.3.3: epoch and sequence number, type, version, length. */
function associatedData(record: Pick<DtlsRecord, 'type' | 'version' | 'epoch' | 'sequence'>): Buffer {
  const data = Buffer.alloc(recordHeaderBytes);
  data.writeUInt16BE(record.epoch, 0);
  data.writeUIntBE(record.sequence, 2, 6);
  data.writeUInt8(record.type, 8);
  data.writeUInt16BE(record.version, 9);
  data.writeUInt16BE(alertBytes, 11);
  return data;
}

/** Null for what is no alert, or not authentic. */
export function openAlert({ readKey, readNonce }: AlertKeys, record: DtlsRecord): Alert | null {
  const { body } = record;
  if (record.type !== contentType.alert || body.length !== explicitNonceBytes + alertBytes + tagBytes) return null;
  const nonce = Buffer.concat([readNonce, body.subarray(0, explicitNonceBytes)]);
  const decipher = createDecipheriv(cipherName, readKey, nonce, { authTagLength: tagBytes });
  decipher.setAAD(associatedData(record));
  decipher.setAuthTag(body.subarray(-tagBytes));
  const [level = 0, description = 0] = decipher.update(body.subarray(explicitNonceBytes, -tagBytes));
  try {
    decipher.final();
  } catch {
    return null; // The only way in which node:crypto says that the tag does not fit.
  }
  return { isFatal: level === fatal, description };
}

/** The record; to be sent once in a connection. */
export function sealCloseNotify({ writeKey, writeNonce }: AlertKeys): Buffer {
  const header = { type: contentType.alert, version: version12, epoch: 1, sequence: closeSequence };
  const explicitNonce = Buffer.alloc(explicitNonceBytes);
  explicitNonce.writeUInt16BE(header.epoch, 0);
  explicitNonce.writeUIntBE(header.sequence, 2, 6);
  const cipher = createCipheriv(cipherName, writeKey, Buffer.concat([writeNonce, explicitNonce]), {
    authTagLength: tagBytes,
  });
  cipher.setAAD(associatedData(header));
  const sealed = Buffer.concat([cipher.update(Buffer.from([warning, closeNotify])), cipher.final()]);
  const record = Buffer.alloc(recordHeaderBytes);
  record.writeUInt8(header.type, 0);
  record.writeUInt16BE(header.version, 1);
  explicitNonce.copy(record, 3);
  record.writeUInt16BE(explicitNonceBytes + sealed.length + tagBytes, 11);
  return Buffer.concat([record, explicitNonce, sealed, cipher.getAuthTag()]);
}
