/** What one node alone can tell of a stream, or do with it: that node is asked. */
import { ElsewhereError, SluiceError } from '../errors.js';
import type { LocalStreams, Streams } from '../supervisor/streams.js';
import type { ClusterNode } from './contract.js';
import type { Held } from './held.js';
import type { HeldStreams } from './held-streams.js';
import type { StreamNames } from './stream-names.js';

export interface ByIdOptions {
  readonly local: LocalStreams;
  readonly node: Pick<ClusterNode, 'view'>;
  readonly names: StreamNames;
  readonly held: Pick<HeldStreams, 'get' | 'isLive'>;
}

type Methods =
  | 'stats'
  | 'history'
  | 'lastSample'
  | 'diagnose'
  | 'alerts'
  | 'viewerKbps'
  | 'data'
  | 'restartThread'
  | 'inject'
  | 'recordingOf';

export function createByIdCalls({ local, node, names, held }: ByIdOptions): Pick<Streams, Methods> {
  /** Errors: stream.elsewhere, stream.notLive while nobody has it. */
  const found = (key: string, isGood: (one: Held) => boolean): string => {
    const one = held.get(key);
    if (one !== undefined && held.isLive(one) && isGood(one)) return one.localId;
    const owner = node.view.nodes.get(node.view.claims.get(key)?.nodeId ?? '');
    if (owner === undefined) throw new SluiceError('stream.notLive');
    if (one?.role.kind === 'owner') return one.localId;
    throw new ElsewhereError(owner.addresses);
  };
  /** Where it plays here, of this node; else of its owner. */
  const here = (pullId: string): string => {
    const key = names.byPullId(pullId);
    return key === undefined ? pullId : found(key, () => true);
  };
  /** Of what this node has or has not: nothing is asked. */
  const idHere = (pullId: string): string => held.get(names.byPullId(pullId) ?? '')?.localId ?? pullId;
  const nameHere = (name: string): string => {
    const key = names.keyOf(name);
    if (key === undefined || !(node.view.wanted.has(key) || node.view.claims.has(key))) return name;
    const info = local.get(found(key, () => true));
    return info?.givenName ?? name;
  };

  return {
    stats: async (pullId) => local.stats(here(pullId)),
    history: (pullId) => local.history(here(pullId)),
    diagnose: async (pullId) => local.diagnose(here(pullId)),
    data: (pullId, since) => local.data(here(pullId), since),
    restartThread: async (pullId) => local.restartThread(here(pullId)),
    lastSample: (pullId) => local.lastSample(idHere(pullId)),
    alerts: (pullId) => local.alerts(idHere(pullId)),
    viewerKbps: (pullId) => local.viewerKbps(idHere(pullId)),
    inject: (name, fault) => local.inject(nameHere(name), fault),
    recordingOf: (pullId) => local.recordingOf(idHere(pullId)),
  };
}
