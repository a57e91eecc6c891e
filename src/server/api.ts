/** Sluice's own control API, /api: what WCS's REST API has no calls for. */
import { SluiceError } from '../errors.js';
import type { OrderedDrain } from '../supervisor/drain.js';
import type { PullInfo, Streams } from '../supervisor/streams.js';
import { type Handle, jsonReply } from './http.js';
import { readDrain, readFault } from './rest-body.js';

interface Api {
  /** GET /api/streams */
  readonly streams: Handle;
  /** GET /api/streams/{pullId}, /api/streams/{pullId}/stats, and /api/streams/{pullId}/data?since={number} */
  readonly stream: Handle;
  /** POST /api/streams/{pullId}/restart */
  readonly restart: Handle;
  /** GET /api/supervision: the tree of threads. */
  readonly supervision: Handle;
  /** POST /api/fault: fault injection. */
  readonly fault: Handle;
  /** POST /api/drain begins a drain, DELETE takes it back, GET says how it stands; each answers with that. */
  readonly drain: Handle;
}

const restartPath = /^\/api\/streams\/([^/]+)\/restart$/;
const streamPath = /^\/api\/streams\/([^/]+)(\/stats|\/data)?$/;

export function createApi(streams: Streams, drain: OrderedDrain): Api {
  const find = (pullId: string): PullInfo => {
    const pull = streams.list().find((one) => one.pullId === pullId);
    if (pull === undefined) throw new SluiceError('stream.notFound');
    return pull;
  };

  return {
    streams: () => jsonReply(streams.list()),
    async stream({ path, query }) {
      const [, pullId, what] = streamPath.exec(path) ?? [];
      if (pullId === undefined) throw new SluiceError('route.notFound');
      const pull = find(pullId);
      if (what === '/stats') return jsonReply(await streams.stats(pullId));
      return jsonReply(what === '/data' ? streams.data(pullId, readSince(query)) : pull);
    },
    async restart({ path }) {
      const [, pullId] = restartPath.exec(path) ?? [];
      if (pullId === undefined) throw new SluiceError('route.notFound');
      return jsonReply(await streams.restartThread(find(pullId).pullId));
    },
    supervision: () => jsonReply(streams.supervision()),
    fault(request, body) {
      const { name, fault } = readFault(request, body);
      streams.inject(name, fault);
      return { status: 200 };
    },
    drain(request, body) {
      if (request.method === 'POST') return jsonReply(drain.begin(readDrain(request, body)));
      return jsonReply(request.method === 'DELETE' ? drain.takeBack() : drain.status);
    },
  };
}

function readSince(query: URLSearchParams): number {
  const since = query.get('since') ?? '0';
  if (!/^\d{1,15}$/.test(since)) throw new SluiceError('request.invalid', 'since: it is not the seq of an event');
  return Number(since);
}
