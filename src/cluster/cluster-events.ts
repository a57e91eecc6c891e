/**
 * Events for all who view a stream, asked for at any node: its owner has them, and they go down the tree of edges beside the media, so
 * that each viewer gets each once.
 */
import { SluiceError } from '../errors.js';
import type { LocalStreams, Streams } from '../supervisor/streams.js';
import type { ClusterNode } from './contract.js';
import type { HeldStreams } from './held-streams.js';
import type { NodeCalls } from './node-calls.js';
import type { StreamNames } from './stream-names.js';

interface EventsOptions {
  readonly local: Pick<LocalStreams, 'get' | 'sendEvent'>;
  readonly node: Pick<ClusterNode, 'view'>;
  readonly names: StreamNames;
  readonly held: Pick<HeldStreams, 'get'>;
  readonly calls: Pick<NodeCalls, 'ask' | 'serve'>;
}

export function createClusterEvents({ local, node, names, held, calls }: EventsOptions): Pick<Streams, 'sendEvent'> {
  /** False: it is not this node's. */
  const sendOwned = (key: string, name: string, payload: unknown): boolean => {
    const one = held.get(key);
    if (one?.role.kind !== 'owner') return false;
    void local.sendEvent(local.get(one.localId)?.givenName ?? name, payload);
    return true;
  };

  calls.serve('event', ({ name, payload }) => {
    const key = names.keyOf(name);
    // It has gone to another one meanwhile.
    if (key === undefined || !sendOwned(key, name, payload)) throw new SluiceError('stream.notLive');
    return null;
  });
  return {
    async sendEvent(name, payload) {
      const key = names.keyOf(name);
      const claim = key === undefined ? undefined : node.view.claims.get(key);
      if (key === undefined || !(claim !== undefined || node.view.wanted.has(key)))
        return local.sendEvent(name, payload);
      if (sendOwned(key, name, payload)) return;
      const owner = node.view.nodes.get(claim?.nodeId ?? '');
      if (owner === undefined) throw new SluiceError('stream.notLive', 'no node has it now');
      await calls.ask(owner, { kind: 'event', name, payload });
    },
  };
}
