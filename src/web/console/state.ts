/** What the console knows: told by /api/events as it changes. */
import type { Sample, Stream } from '../../server/api-schemas.js';
import type { ApiClient } from '../api-client.js';
import { pause } from '../play-loop.js';
import { readEvents, type ServerSentEvent } from '../server-sent-events.js';

export interface ConsoleState {
  /** By id. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** The last ten minutes of each, oldest first. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  readonly link: 'connecting' | 'live' | 'lost' | 'forbidden';
}

const samplesKept = 120;
const retryMs = 1500;

/** Calls `onChange` after each change, until `signal`. */
export function createServerWatch(client: ApiClient, signal: AbortSignal, onChange: () => void): ConsoleState {
  const streams = new Map<string, Stream>();
  const samples = new Map<string, readonly Sample[]>();
  const state: { streams: Map<string, Stream>; samples: Map<string, readonly Sample[]>; link: ConsoleState['link'] } = {
    streams,
    samples,
    link: 'connecting',
  };

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

  const take = ({ name, data }: ServerSentEvent): void => {
    state.link = 'live';
    if (name === 'stream' && isStream(data)) {
      if (!streams.has(data.id)) void loadHistory(data.id);
      streams.set(data.id, data);
    } else if (name === 'removed' && hasId(data)) {
      streams.delete(data.id);
      samples.delete(data.id);
    } else if (name === 'sample' && hasId(data) && 'sample' in data && isSample(data.sample)) {
      add(data.id, [data.sample]);
    }
    onChange();
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        streams.clear();
        await readEvents(new URL('api/events', client.base), { headers: client.headers(), signal }, take);
        state.link = 'lost';
      } catch (error) {
        const isRefused = error instanceof Error && /answered (401|403|404|429)/.test(error.message);
        state.link = isRefused ? 'forbidden' : 'lost';
      }
      if (signal.aborted) return;
      onChange();
      if (state.link === 'forbidden') return;
      await pause(retryMs, signal);
    }
  };
  void run();
  return state;
}

const hasId = (data: unknown): data is { readonly id: string } =>
  typeof data === 'object' && data !== null && 'id' in data && typeof data.id === 'string';
/** The server's own words: /openapi.json says what is in them. */
const isStream = (data: unknown): data is Stream => hasId(data) && 'stateText' in data && 'media' in data;
const isSample = (data: unknown): data is Sample => typeof data === 'object' && data !== null && 'sourceKbps' in data;
