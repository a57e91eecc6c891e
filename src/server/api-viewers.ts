/** What the operations on viewers do: on those of all nodes, where this server is in a cluster. */
import { z } from 'zod';
import type { NodeCall } from '../cluster/node-calls.js';
import { SluiceError } from '../errors.js';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { Streams } from '../supervisor/streams.js';
import type { ViewerInfo } from '../supervisor/view.js';
import type { ApiHandlers } from './api-contract.js';
import { viewerOf } from './api-resources.js';
import { type Viewer, viewer } from './api-schemas.js';
import type { NodePeers } from './node-peers.js';

/** Those of a node of another version that cannot be read are left out. */
const viewersForm = z.array(viewer).catch([]);

/** `find`: a stream by its id or name. Error: stream.notFound. */
export function createViewerHandlers(
  streams: Streams,
  find: (id: string) => PullInfo,
  { name: node, calls }: NodePeers,
): Pick<ApiHandlers, 'listViewers' | 'getViewer' | 'deleteViewer'> {
  const shown = async (wanted: readonly ViewerInfo[], addresses: 'short' | 'full'): Promise<Viewer[]> => {
    const pullIds = [...new Set(wanted.map(({ pullId }) => pullId))];
    const answers = await Promise.allSettled(pullIds.map((pullId) => streams.stats(pullId)));
    const sent = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.viewers : []));
    const names = new Map(streams.list().map(({ pullId, localName }) => [pullId, localName]));
    return wanted.map((one) =>
      viewerOf(one, {
        node,
        streamName: names.get(one.pullId) ?? one.name,
        sent: sent.find(({ viewerId }) => viewerId === one.viewerId) ?? null,
        kbps: streams.viewerKbps(one.pullId).get(one.viewerId) ?? null,
        addresses,
      }),
    );
  };
  const own = ({ streamId, viewerId, addresses }: NodeCall & { readonly kind: 'viewers' }): Promise<Viewer[]> =>
    shown(
      streams
        .viewers()
        .filter((one) => (streamId ?? one.pullId) === one.pullId && (viewerId ?? one.viewerId) === one.viewerId),
      addresses,
    );
  const all = async (call: NodeCall & { readonly kind: 'viewers' }): Promise<Viewer[]> => {
    const here = await own(call);
    if (call.viewerId !== null && here.length > 0) return here;
    const others = (await calls?.askAll(call)) ?? [];
    return [...here, ...others.flatMap(({ answer }) => viewersForm.parse(answer))];
  };
  /** False: it is not here. */
  const end = (viewerId: string): boolean => {
    const isHere = streams.viewers().some((one) => one.viewerId === viewerId);
    if (isHere) streams.terminateViewer(viewerId);
    return isHere;
  };
  calls?.serve('viewers', own);
  calls?.serve('endViewer', ({ viewerId }) => end(viewerId));

  return {
    listViewers({ query: { stream, addresses } }) {
      const streamId = stream === undefined ? null : find(stream).pullId;
      return all({ kind: 'viewers', streamId, viewerId: null, addresses });
    },
    async getViewer({ id, query: { addresses } }) {
      const [found] = await all({ kind: 'viewers', streamId: null, viewerId: id, addresses });
      if (found === undefined) throw new SluiceError('session.notFound');
      return found;
    },
    async deleteViewer({ id }) {
      if (end(id)) return undefined;
      const others = (await calls?.askAll({ kind: 'endViewer', viewerId: id })) ?? [];
      if (!others.some(({ answer }) => answer === true)) throw new SluiceError('session.notFound');
      return undefined;
    },
  };
}
