/**
 * The file of the wanted streams, as people may read it too: its form, version 1. The uris have their credentials, which the file
 * is for: its mode is 0600.
 */
import { z } from 'zod';
import { listUris } from '../core/source/uri-list.js';
import type { PullRequest, WantedPull } from '../supervisor/pull-info.js';

const version = 1;

const keptPull = z.object({
  /** Null: it goes by its first uri. */
  localStreamName: z.string().nullable(),
  /** In order of preference. */
  uris: z.array(z.string()).min(1),
  wantedBy: z.enum(['rest', 'viewer', 'config', 'demo']),
  /** The client whose viewer wanted it; null: none did. */
  client: z.string().nullable(),
  viewers: z.int().min(0),
  hasAudio: z.boolean(),
  hasVideo: z.boolean(),
  record: z.boolean(),
});
const keptFile = z.object({
  version: z.literal(version),
  /** So many times in a row the process has not lived long after it had started them. */
  crashedStarts: z.int().min(0).default(0),
  pulls: z.array(keptPull),
});

export type KeptPull = z.infer<typeof keptPull>;
type KeptFile = z.infer<typeof keptFile>;

export function formatPulls(wanted: readonly WantedPull[], crashedStarts = 0): string {
  const pulls = wanted.map(({ request, client, viewers }): KeptPull => {
    const { localStreamName = null, origin: wantedBy, hasAudio, hasVideo, record } = request;
    return { localStreamName, uris: [...listUris(request)], wantedBy, client, viewers, hasAudio, hasVideo, record };
  });
  return formatKept(pulls, crashedStarts);
}

export const formatKept = (pulls: readonly KeptPull[], crashedStarts: number): string =>
  `${JSON.stringify({ version, crashedStarts, pulls }, null, 2)}\n`;

/** Throws an Error that names the place, and no value, which may be a secret. */
export function parsePulls(text: string): KeptFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  const parsed = keptFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join('.') || 'the file'} is not as expected`);
}

export interface Start {
  readonly request: PullRequest;
  readonly client: string | null;
}

const keyOf = (request: Pick<PullRequest, 'uri' | 'uris' | 'localStreamName'>): string =>
  JSON.stringify([request.localStreamName ?? null, listUris(request)]);

/**
 * What is to be started, those with the most viewers first: what the configuration wants, and of what was kept that which REST
 * and viewers wanted. The configuration says itself what it wants, and the demo has a new address.
 */
export function inOrder(configured: readonly PullRequest[], kept: readonly KeptPull[]): readonly Start[] {
  const wanted = kept.map(({ localStreamName, uris, wantedBy, client, viewers, hasAudio, hasVideo, record }) => {
    const name = localStreamName ?? undefined;
    const request: PullRequest = { uris, localStreamName: name, origin: wantedBy, hasAudio, hasVideo, record };
    return { request, client, viewers };
  });
  const viewersOf = new Map(wanted.map(({ request, viewers }) => [keyOf(request), viewers]));
  const starts = [
    ...configured.map((request) => ({ request, client: null, viewers: viewersOf.get(keyOf(request)) ?? 0 })),
    ...wanted.filter(({ request: { origin } }) => origin === 'rest' || origin === 'viewer'),
  ];
  return starts.sort((a, b) => b.viewers - a.viewers).map(({ request, client }) => ({ request, client }));
}
