/** What is derived from cluster.secret, as the driver and the streams of a node use it. */
import { randomBytes } from 'node:crypto';
import { WireError } from '../core/bytes/wire-error.js';
import { callMark, deriveKeys, linkToken, streamKey, tokenKey } from '../core/cluster/keys.js';
import { openCall, sealCall } from '../core/cluster/node-call.js';
import { nonceBytes, seal, unseal } from '../core/cluster/seal.js';
import type { ClusterSecrets } from './contract.js';

export function createSecrets(secret: string): ClusterSecrets {
  const keys = deriveKeys(secret);
  return {
    streamKey: (uri) => unlessWrong(() => streamKey(keys, uri)) ?? undefined,
    linkToken: (key) => linkToken(keys, key),
    callMark: (nodeId, body) => callMark(keys, nodeId, body),
    sealCall: (way, part, plain) => sealCall(keys, way, part, plain),
    openCall: (way, part, sealed) => unlessWrong(() => openCall(keys, way, part, sealed)),
    tokenKey: (tokenId) => tokenKey(keys, tokenId),
    seal: (key, plain) => seal(keys, key, plain, randomBytes(nonceBytes)),
    unseal: (key, sealed) => unlessWrong(() => unseal(keys, key, sealed)),
  };
}

function unlessWrong(read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return null;
  }
}
