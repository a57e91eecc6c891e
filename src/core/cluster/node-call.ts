/**
 * What one node asks another, by HTTP: POST, with who asks and how many calls it has made to that node in its headers, and the call
 * as its body; the answer is that of HTTP. Both are sealed (AES-256-GCM, NIST SP 800-38D): under a key of these two, each in this life
 * of its process, so that nobody else reads, makes or changes them, and with the number of the call as their nonce, so that one that
 * is sent again is known. No clock counts.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { WireError } from '../bytes/wire-error.js';
import { type ClusterKeys, callKey } from './keys.js';

/** `markHeader`: of nodes of protocol 1, whose calls are in clear (keys.ts, `callMark`). */
export const nodeCall = {
  path: '/cluster/call',
  fromHeader: 'sluice-from',
  numberHeader: 'sluice-call',
  markHeader: 'sluice-mark',
} as const;

/** Of one call. */
export interface CallWay {
  /** Ids of nodes, which are new with each start of a process. */
  readonly from: string;
  readonly to: string;
  /** From 1 on; no two calls from one to the other have the same. */
  readonly number: number;
}

export type CallPart = 'call' | 'answer';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const authTagLength = tagBytes;

/** Counted, as SP 800-38D 8.2.1 has it: which of the two parts it is, and the number. */
function nonceOf(part: CallPart, number: number): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUInt8(part === 'call' ? 1 : 2, 0);
  nonce.writeBigUInt64BE(BigInt(number), nonceBytes - 8);
  return nonce;
}

export function sealCall(keys: ClusterKeys, way: CallWay, part: CallPart, text: string): Buffer {
  const key = callKey(keys, way.from, way.to);
  const cipher = createCipheriv(algorithm, key, nonceOf(part, way.number), { authTagLength });
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** Error: WireError for what is no such part of this call. */
export function openCall(keys: ClusterKeys, way: CallWay, part: CallPart, sealed: Buffer): string {
  if (sealed.length < tagBytes || !Number.isSafeInteger(way.number) || way.number < 1) throw wrong();
  const key = callKey(keys, way.from, way.to);
  const decipher = createDecipheriv(algorithm, key, nonceOf(part, way.number), { authTagLength });
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  try {
    return decipher.update(sealed.subarray(0, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    throw wrong();
  }
}

const wrong = (): WireError =>
  new WireError('cluster.call', 'it is not of a node with this cluster.secret, or of another call');
