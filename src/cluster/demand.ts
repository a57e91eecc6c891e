/** What viewers have pulled by an address that nobody wants otherwise. */
import { randomUUID } from 'node:crypto';
import type { ClusterSecrets, OwnedStream } from './contract.js';
import { type SealedRequest, sealRequest } from './sealed-request.js';

/** Never in the wanted set: only this node knows it whole. */
export function demandFor(secrets: ClusterSecrets, key: string, uri: string): OwnedStream {
  const request: SealedRequest = {
    uris: [uri],
    hasAudio: true,
    hasVideo: true,
    record: false,
    recording: null,
    origin: 'viewer',
    createdAtMs: Date.now(),
  };
  const sealed = sealRequest(secrets, key, request);
  return { key, pullId: randomUUID(), name: null, label: '', sealed };
}
