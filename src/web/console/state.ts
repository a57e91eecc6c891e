/** What the console knows: told by /api/events as it changes. */

import type { Sample, Stream } from '../../server/api-schemas.js';
import { type ApiClient, type Input, type OperationName, type Output, pathOf } from '../api-client.js';
import { HttpRefusal } from '../http-refusal.js';
import { pause } from '../play-loop.js';
import { readEvents, type ServerSentEvent } from '../server-sent-events.js';

export interface ConsoleState {
  /** By id. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** The last ten minutes of each, oldest first. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  readonly link: 'connecting' | 'live' | 'lost' | 'forbidden';
  /** These paths (`pathOf`) are watched from now on, in place of those before. */
  watch(paths: readonly string[]): void;
  /** Of what is watched; undefined: nothing yet, or it is refused. */
  answer<Name extends OperationName>(name: Name, input?: Input<Name>): Output<Name> | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const samplesKept = 120;
const retryMs = 1500;
/** Of what another node of a cluster answers. */
const followEveryMs = 2000;
const elsewhere = 307;

/** Calls `onChange` after each change, until `signal`. */
export function createServerWatch(client: ApiClient, signal: AbortSignal, onChange: () => void): ConsoleState {
  const streams = new Map<string, Stream>();
  const samples = new Map<string, readonly Sample[]>();
  const answers = new Map<string, Answer>();
  let link: ConsoleState['link'] = 'connecting';
  let watched: readonly string[] = [];
  let connection = new AbortController();
  signal.addEventListener('abort', () => connection.abort());

  const add = (id: string, added: readonly Sample[]): void => {
    const known = samples.get(id) ?? [];
    const lastMs = known.at(-1)?.atMs ?? 0;
    samples.set(id, [...known, ...added.filter(({ atMs }) => atMs > lastMs)].slice(-samplesKept));
  };

  const loadHistory = async (id: string): Promise<void> => {
    samples.set(id, []);
    const history = await client.call('getHistory', { id }).catch(() => []);
    const newer = samples.get(id) ?? [];
    samples.set(id, []);
    add(id, [...history, ...newer]);
    onChange();
  };

  const forget = (id: string): void => {
    streams.delete(id);
    samples.delete(id);
  };

  /** Another node answers there, and is asked itself for as long as that is so. */
  const follow = async (path: string, { signal: life }: AbortController): Promise<void> => {
    while (!life.aborted && answers.get(path)?.status === elsewhere) {
      const body = await client.read(path).catch(() => null);
      if (life.aborted) return;
      answers.set(path, { status: elsewhere, body });
      onChange();
      await pause(followEveryMs, life);
    }
  };

  const takeAnswer = ({ path, status, body }: Answer & { readonly path: string }): void => {
    const isFollowed = answers.get(path)?.status === elsewhere;
    answers.set(path, { status, body });
    if (status === elsewhere && !isFollowed) void follow(path, connection);
  };

  const take = ({ name, data }: ServerSentEvent): void => {
    link = 'live';
    if (name === 'stream' && isStream(data)) {
      if (!samples.has(data.id)) void loadHistory(data.id);
      streams.set(data.id, data);
    } else if (name === 'streams' && hasIds(data)) {
      for (const id of [...streams.keys()]) if (!data.ids.includes(id)) forget(id);
    } else if (name === 'removed' && hasId(data)) forget(data.id);
    else if (name === 'sample' && hasId(data) && 'sample' in data && isSample(data.sample)) add(data.id, [data.sample]);
    else if (name === 'answer' && isAnswer(data)) takeAnswer(data);
    onChange();
  };

  /** Until the connection ends; true: because other paths are watched. */
  const listen = async (): Promise<boolean> => {
    connection = new AbortController();
    answers.clear();
    const url = new URL('api/events', client.base);
    for (const path of watched) url.searchParams.append('watch', path);
    try {
      await readEvents(url, { headers: client.headers(), signal: connection.signal }, take);
      link = 'lost';
    } catch (error) {
      if (connection.signal.aborted) return true;
      const isRefused = error instanceof HttpRefusal && [401, 403, 404, 429].includes(error.status);
      link = isRefused ? 'forbidden' : 'lost';
    }
    connection.abort();
    return false;
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      if (await listen()) continue;
      // What came meanwhile is not known.
      samples.clear();
      onChange();
      if (link === 'forbidden') return;
      await pause(retryMs, signal);
    }
  };
  void run();

  return {
    streams,
    samples,
    get link() {
      return link;
    },
    watch(paths) {
      if (paths.join(' ') === watched.join(' ')) return;
      watched = paths;
      connection.abort();
    },
    answer<Name extends OperationName>(name: Name, input?: Input<Name>): Output<Name> | undefined {
      const body = answers.get(pathOf(name, input))?.body;
      return isAnswerOf(name, body) ? body : undefined;
    },
  };
}

const hasId = (data: unknown): data is { readonly id: string } =>
  typeof data === 'object' && data !== null && 'id' in data && typeof data.id === 'string';
const hasIds = (data: unknown): data is { readonly ids: readonly unknown[] } =>
  typeof data === 'object' && data !== null && 'ids' in data && Array.isArray(data.ids);
/** The server's own words: /openapi.json says what is in them. */
const isStream = (data: unknown): data is Stream => hasId(data) && 'stateText' in data && 'media' in data;
const isSample = (data: unknown): data is Sample => typeof data === 'object' && data !== null && 'sourceKbps' in data;
const isAnswer = (data: unknown): data is Answer & { readonly path: string } =>
  typeof data === 'object' && data !== null && 'path' in data && 'status' in data && 'body' in data;
const isAnswerOf = <Name extends OperationName>(_name: Name, body: unknown): body is Output<Name> =>
  body !== undefined && body !== null;
