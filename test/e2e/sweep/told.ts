/** What the server says of a track that is not there: in find_all, WHEP's problem details, the signalling, the log and the statistics. */
import type { Asking } from '../../support/server/asking.js';
import type { RunningSluice } from '../../support/server/sluice.js';
import { chromiumOffer } from '../../support/viewer/offers.js';

type Track = 'audio' | 'video';

interface Reason {
  readonly code: string;
  readonly text: string;
}

/** An entry of find_all. */
export interface Listed {
  readonly localMediaSessionId: string;
  readonly localStreamName: string;
  readonly status: string;
  readonly reason: Reason | null;
  readonly missing?: readonly (Reason & { readonly track: Track })[];
}

export async function listedAs(asking: Asking, name: string): Promise<Listed | null> {
  const all: readonly Listed[] = JSON.parse((await asking.get('/rest-api/pull/rtmp/find_all')).body);
  return all.find(({ localStreamName }) => localStreamName === name) ?? null;
}

/** Why find_all says that this track is not there; null: it does not say. */
export function reasonFor(listed: Listed | null, track: Track): string | null {
  const missing = listed?.missing?.find((one) => one.track === track);
  if (missing !== undefined) return missing.code;
  return listed?.status === 'PROCESSED_REMOTE' ? null : (listed?.reason?.code ?? null);
}

/** Where else than in find_all this code is not said, of a stream of which `others` go on. */
export async function whereUnsaid(
  sluice: RunningSluice,
  asking: Asking,
  listed: Listed,
  code: string,
  signalled: string | null,
): Promise<readonly string[]> {
  const unsaid: string[] = [];
  const { localStreamName: name, localMediaSessionId: id } = listed;
  const answer = await asking.post(`/whep/${encodeURIComponent(name)}`, 'application/sdp', chromiumOffer);
  if (answer.status === 201) await asking.remove(answer.header('location'));
  else if (JSON.parse(answer.body).code !== code) unsaid.push(`WHEP: ${answer.status} ${answer.body}`);
  // Nothing but a refusal tells a player of WHEP that it need not wait.
  if (answer.status === 201 && listed.status !== 'PROCESSED_REMOTE') unsaid.push('WHEP: 201');
  if (signalled !== code) unsaid.push(`signalling: ${signalled}`);
  const isLine = (line: Readonly<Record<string, unknown>>): boolean =>
    line.name === name && [line.code, line.reason, line.event].includes(code);
  if (!sluice.log().some(isLine)) unsaid.push('log');
  if (listed.status === 'FAILED' || listed.missing === undefined) return unsaid;
  const stats = await asking.get(`/api/streams/${id}/stats`);
  const missing: readonly Reason[] = stats.status === 200 ? JSON.parse(stats.body).missing : [];
  if (!missing.some((one) => one.code === code))
    unsaid.push(`statistics: ${JSON.stringify(missing)} of ${stats.status}, ${JSON.stringify(listed)}`);
  return unsaid;
}
