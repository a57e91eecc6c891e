/** What the operations on viewers do. */
import { SluiceError } from '../errors.js';
import type { PullInfo, Streams, ViewerInfo } from '../supervisor/streams.js';
import type { ApiHandlers } from './api-contract.js';
import { viewerOf } from './api-resources.js';
import type { Viewer } from './api-schemas.js';

/** `find`: a stream by its id or name. Error: stream.notFound. */
export function createViewerHandlers(
  streams: Streams,
  find: (id: string) => PullInfo,
): Pick<ApiHandlers, 'listViewers' | 'getViewer' | 'deleteViewer'> {
  const viewer = (id: string): ViewerInfo => {
    const found = streams.viewers().find(({ viewerId }) => viewerId === id);
    if (found === undefined) throw new SluiceError('session.notFound');
    return found;
  };
  const viewersOf = async (wanted: readonly ViewerInfo[], addresses: 'short' | 'full'): Promise<Viewer[]> => {
    const pullIds = [...new Set(wanted.map(({ pullId }) => pullId))];
    const answers = await Promise.allSettled(pullIds.map((pullId) => streams.stats(pullId)));
    const sent = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.viewers : []));
    const names = new Map(streams.list().map(({ pullId, localName }) => [pullId, localName]));
    return wanted.map((one) =>
      viewerOf(one, {
        streamName: names.get(one.pullId) ?? one.name,
        sent: sent.find(({ viewerId }) => viewerId === one.viewerId) ?? null,
        kbps: streams.viewerKbps(one.pullId).get(one.viewerId) ?? null,
        addresses,
      }),
    );
  };

  return {
    async listViewers({ query }) {
      const pullId = query.stream === undefined ? null : find(query.stream).pullId;
      const wanted = streams.viewers().filter((one) => pullId === null || one.pullId === pullId);
      return viewersOf(wanted, query.addresses);
    },
    async getViewer({ id, query }) {
      const [found] = await viewersOf([viewer(id)], query.addresses);
      if (found === undefined) throw new SluiceError('session.notFound');
      return found;
    },
    deleteViewer({ id }) {
      streams.terminateViewer(viewer(id).viewerId);
      return undefined;
    },
  };
}
