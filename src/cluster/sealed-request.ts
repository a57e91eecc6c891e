/** What is asked for of a stream, as it lies in the registry: sealed, since its addresses may hold secrets. */
import { z } from 'zod';
import type { WantedStream } from '../core/cluster/records.js';
import type { PullRequest } from '../supervisor/pull-info.js';
import type { ClusterSecrets } from './contract.js';

const form = z.object({
  uris: z.array(z.string()).min(1),
  hasAudio: z.boolean(),
  hasVideo: z.boolean(),
  record: z.boolean(),
  /** How, where REST has said so; null: as configured. A node of the version before does not say. */
  recording: z.object({ template: z.string().optional(), rotation: z.string().optional() }).nullable().default(null),
  origin: z.enum(['rest', 'viewer', 'config', 'demo']),
  /** UTC. */
  createdAtMs: z.number(),
});

export type SealedRequest = z.infer<typeof form>;

export const sealRequest = (
  secrets: Pick<ClusterSecrets, 'seal'>,
  key: string,
  request: z.input<typeof form>,
): string => secrets.seal(key, JSON.stringify(request));

/** Null: it cannot be read, since it was sealed with another secret, or by a node of another version. */
export function unsealRequest(
  secrets: Pick<ClusterSecrets, 'unseal'>,
  { key, sealed }: Pick<WantedStream, 'key' | 'sealed'>,
): SealedRequest | null {
  const text = secrets.unseal(key, sealed);
  return text === null ? null : (form.safeParse(parsed(text)).data ?? null);
}

/** As the streams of one node are asked for it. */
export const pullRequestOf = (
  { uris, hasAudio, hasVideo, record, recording, origin }: SealedRequest,
  { name, pullId }: Pick<WantedStream, 'name' | 'pullId'>,
): PullRequest => ({
  uris,
  localStreamName: name ?? undefined,
  hasAudio,
  hasVideo,
  record,
  recording: recording ?? undefined,
  origin,
  pullId,
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
