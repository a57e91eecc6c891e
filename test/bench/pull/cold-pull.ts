/** From the request to PROCESSED_REMOTE in find_all, which is asked again and again: what a client of REST sees. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Asking } from '../../support/server/asking.js';

const pollMs = 1;
const timeoutMs = 10_000;

interface Listed {
  readonly localStreamName: string;
  readonly status: string;
}

async function list(http: Asking): Promise<readonly Listed[]> {
  const { status, body } = await http.get('/rest-api/pull/rtmp/find_all');
  const listed: unknown = JSON.parse(body);
  if (status !== 200 || !Array.isArray(listed)) throw new Error(`find_all answered ${status}`);
  return listed;
}

const post = async (http: Asking, what: 'pull' | 'terminate', body: object): Promise<void> => {
  const { status } = await http.post(`/rest-api/pull/rtmp/${what}`, 'application/json', JSON.stringify(body));
  if (status !== 200) throw new Error(`${what} answered ${status}`);
};

/** Pulls all of these at once; gives for each the time until it flowed, in ms, in the order in which they did. */
export async function pullAtOnce(http: Asking, uris: ReadonlyMap<string, string>): Promise<readonly number[]> {
  const startMs = performance.now();
  const flowedMs = new Map<string, number>();
  const pulled = Promise.all([...uris].map(([localStreamName, uri]) => post(http, 'pull', { uri, localStreamName })));
  while (flowedMs.size < uris.size) {
    const listed = await list(http);
    const ms = performance.now() - startMs;
    for (const { localStreamName: name, status } of listed) {
      if (uris.has(name) && status === 'PROCESSED_REMOTE' && !flowedMs.has(name)) flowedMs.set(name, ms);
    }
    if (ms > timeoutMs) throw new Error(`${flowedMs.size} of ${uris.size} pulls flow after ${timeoutMs} ms`);
    await delay(pollMs);
  }
  await pulled;
  return [...flowedMs.values()];
}

/** Ends the pulls; resolves when none of them is listed any more, and their threads are gone. */
export async function endAll(http: Asking, uris: ReadonlyMap<string, string>): Promise<void> {
  for (const uri of uris.values()) await post(http, 'terminate', { uri });
  while ((await list(http)).some(({ localStreamName }) => uris.has(localStreamName))) await delay(20);
}
