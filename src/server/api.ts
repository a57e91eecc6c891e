/** Sluice's own control API, /api: what WCS's calls have no place for. */
import { SluiceError } from '../errors.js';
import type { PullView, Streams } from '../supervisor/streams.js';
import { type Handle, jsonReply } from './http.js';
import { readFault } from './pull-body.js';

export interface Api {
  /** GET /api/streams */
  readonly streams: Handle;
  /** GET /api/streams/{pullId} and /api/streams/{pullId}/stats */
  readonly stream: Handle;
  /** POST /api/fault: a drill. */
  readonly fault: Handle;
}

const streamPath = /^\/api\/streams\/([^/]+)(\/stats)?$/;

export function createApi(streams: Streams): Api {
  const find = (pullId: string): PullView => {
    const view = streams.list().find((one) => one.pullId === pullId);
    if (view === undefined) throw new SluiceError('stream.notFound');
    return view;
  };

  return {
    streams: () => jsonReply(streams.list()),
    async stream({ path }) {
      const [, pullId, stats] = streamPath.exec(path) ?? [];
      if (pullId === undefined) throw new SluiceError('route.notFound');
      const view = find(pullId);
      return jsonReply(stats === undefined ? view : await streams.stats(view.pullId));
    },
    fault(request, body) {
      const { name, fault } = readFault(request, body);
      streams.inject(name, fault);
      return { status: 200 };
    },
  };
}
