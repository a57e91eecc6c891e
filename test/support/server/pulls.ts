import type { StreamStats } from '../../../actors/stats.js';
import { until } from '../until.js';
import type { RunningSluice } from './sluice.js';

export interface ListedPull {
  readonly localMediaSessionId: string;
  readonly remoteMediaSessionId: string | null;
  readonly localStreamName: string;
  readonly remoteStreamName: string | null;
  readonly uri: string;
  readonly status: string;
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
  readonly record: boolean;
}

/** What find_all lists; nothing when it answers 404. */
export async function findAll(sluice: RunningSluice): Promise<readonly ListedPull[]> {
  const response = await fetch(`${sluice.rest}/rest-api/pull/rtmp/find_all`);
  if (response.status === 404) return [];
  if (response.status !== 200) throw new Error(`find_all answered ${response.status}`);
  const body: unknown = await response.json();
  if (!Array.isArray(body)) throw new Error('find_all gave no array');
  return body;
}

export const pull = (
  sluice: RunningSluice,
  uri: string,
  localStreamName: string,
  more: { readonly hasAudio?: boolean; readonly hasVideo?: boolean } = {},
): Promise<Response> => sluice.post('/rest-api/pull/rtmp/pull', { uri, localStreamName, ...more });

/** Waits until the stream has this status. */
export const whenStatus = (
  sluice: RunningSluice,
  name: string,
  status: string,
  timeoutMs = 15_000,
): Promise<ListedPull> =>
  until(
    `${name} is ${status}`,
    async () => (await findAll(sluice)).find((one) => one.localStreamName === name && one.status === status),
    timeoutMs,
  );

/** What the stream's actor counts. */
export async function statsOf(sluice: RunningSluice, name: string): Promise<StreamStats> {
  const listed = (await findAll(sluice)).find((one) => one.localStreamName === name);
  if (listed === undefined) throw new Error(`nobody pulls ${name}`);
  const response = await fetch(`${sluice.rest}/api/streams/${listed.localMediaSessionId}/stats`);
  if (response.status !== 200) throw new Error(`stats answered ${response.status}`);
  return JSON.parse(await response.text());
}
