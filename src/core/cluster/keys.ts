/** What cluster.secret is good for: a key for each purpose is derived from it (HKDF, RFC 5869), so that none tells of another one. */
import { createHmac, hkdfSync } from 'node:crypto';
import { sourceKey } from '../source/address.js';

export interface ClusterKeys {
  /** Of AES-256-GCM (seal.ts). */
  readonly sealing: Buffer;
  /** Of the HMAC that makes keys of streams. */
  readonly streams: Buffer;
  /** Of the HMAC that makes the tokens of links. */
  readonly links: Buffer;
  /** Of the HMAC that marks what one node asks of another, in clear. */
  readonly calls: Buffer;
  /** Of the HMAC that makes the keys by which it is sealed. */
  readonly sealedCalls: Buffer;
  /** Of the HMAC that makes keys of playback tokens. */
  readonly tokens: Buffer;
}

const keyBytes = 32;

export const deriveKeys = (secret: string): ClusterKeys => ({
  sealing: derived(secret, 'sluice cluster: sealed requests'),
  streams: derived(secret, 'sluice cluster: keys of streams'),
  links: derived(secret, 'sluice cluster: tokens of links'),
  calls: derived(secret, 'sluice cluster: marks of calls'),
  sealedCalls: derived(secret, 'sluice cluster: sealed calls'),
  tokens: derived(secret, 'sluice cluster: keys of playback tokens'),
});

/** The same for all spellings of an address, on all nodes of a secret; without it it tells nothing of the address. Error: WireError. */
export const streamKey = ({ streams }: ClusterKeys, uri: string): string => hmac(streams, sourceKey(uri));

/** By it a node may take the stream of this key from another node, and no other one. */
export const linkToken = ({ links }: ClusterKeys, key: string): string => hmac(links, key);

/** By it a node, in this life of its process, takes this call as that of another node. */
export const callMark = ({ calls }: ClusterKeys, nodeId: string, body: string): string =>
  hmac(calls, `${nodeId} ${body}`);

/** Of AES-256-GCM: for what the first of these nodes asks of the other one, each in this life of its process. */
export const callKey = ({ sealedCalls }: ClusterKeys, from: string, to: string): Buffer =>
  createHmac('sha256', sealedCalls).update(`${from} ${to}`).digest();

/** The same on all nodes; without the secret it tells nothing of the token's id. */
export const tokenKey = ({ tokens }: ClusterKeys, tokenId: string): string => hmac(tokens, tokenId);

/** Each node makes it for itself: there is no salt to share (RFC 5869 3.1). */
const derived = (secret: string, info: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', info, keyBytes));

const hmac = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('base64url');
