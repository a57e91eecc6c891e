/** What is wanted in the cluster, asked for, ended and renamed at any node. */
import { randomUUID } from 'node:crypto';
import { ElsewhereError, SluiceError } from '../errors.js';
import type { PullInfo, PullRequest, PullSelector } from '../supervisor/pull-info.js';
import { checkName, readRequest } from '../supervisor/pull-request.js';
import type { LocalStreams, Streams } from '../supervisor/streams.js';
import type { ClusterList } from './cluster-list.js';
import type { ClusterPlay } from './cluster-play.js';
import type { ClusterNode, ClusterSecrets } from './contract.js';
import type { HeldStreams } from './held-streams.js';
import { sealRequest } from './sealed-request.js';
import type { StreamNames } from './stream-names.js';

export interface WantedOptions {
  readonly local: LocalStreams;
  readonly node: ClusterNode;
  readonly secrets: ClusterSecrets;
  readonly names: StreamNames;
  readonly held: HeldStreams;
  readonly list: ClusterList;
  readonly play: Pick<ClusterPlay, 'demand'>;
}

type Methods = 'pull' | 'wanted' | 'terminate' | 'rename';

export function createClusterWanted(options: WantedOptions): Pick<Streams, Methods> {
  const { local, node, secrets, names, held, list, play } = options;
  const infoOf = (key: string): PullInfo => {
    const info = list.of(key);
    if (info === undefined) throw new SluiceError('pull.notFound');
    return info;
  };

  const want = async (request: PullRequest): Promise<PullInfo> => {
    const { givenName, uri, standbyUris } = readRequest(request);
    const { hasAudio, hasVideo, record, origin, label = '' } = request;
    const key = secrets.streamKey(uri) ?? '';
    if (node.view.wanted.has(key)) {
      // Every node has the same list in its configuration.
      if (origin === 'config') return infoOf(key);
      throw new SluiceError('pull.conflict');
    }
    const namesake = givenName === null ? undefined : names.keyOf(givenName);
    if (namesake !== undefined && namesake !== key && list.of(namesake) !== undefined) {
      throw new SluiceError('pull.nameTaken');
    }
    // What viewers have had pulled goes on under its id.
    const pullId = node.view.claims.get(key)?.pullId ?? randomUUID();
    const uris = [uri, ...standbyUris];
    const sealed = sealRequest(secrets, key, { uris, hasAudio, hasVideo, record, origin, createdAtMs: Date.now() });
    const stream = { key, pullId, name: givenName, label, sealed };
    await node.want(stream);
    return list.of(key) ?? list.pending(stream);
  };

  /** Undefined: the fields name no stream of the cluster, or two. */
  const selected = ({ pullId, uri, localName }: PullSelector): string | undefined => {
    const keys = [
      pullId === undefined ? null : names.byPullId(pullId),
      uri === undefined ? null : secrets.streamKey(uri),
      localName === undefined ? null : names.keyOf(localName),
    ].filter((key) => key !== null);
    const [key] = keys;
    const isKnown = key !== undefined && list.of(key) !== undefined;
    return isKnown && keys.every((one) => one === key) ? key : undefined;
  };

  /** Of one on demand the node that pulls it is asked. Errors: stream.elsewhere, pull.notFound. */
  const checkOwned = (key: string): void => {
    if (held.get(key)?.role.kind === 'owner') return;
    const owner = node.view.nodes.get(node.view.claims.get(key)?.nodeId ?? '');
    if (owner === undefined) throw new SluiceError('pull.notFound');
    throw new ElsewhereError(owner.addresses);
  };

  return {
    async pull(request, client) {
      if (request.origin === 'demo') return local.pull(request);
      if (request.origin !== 'viewer') return want(request);
      // From before this process was started again.
      const { uri } = readRequest(request);
      await play.demand(uri, client ?? null);
      return infoOf(secrets.streamKey(uri) ?? '');
    },
    /** The registry keeps the others, also for the time in which no node is there. */
    wanted: () => local.wanted().filter(({ request }) => isKeptHere(request, node, names)),
    async terminate(which) {
      const key = selected(which);
      if (key === undefined) return local.terminate(which);
      const isWanted = node.view.wanted.has(key) || held.get(key)?.role.kind === 'owner';
      if (!isWanted) checkOwned(key);
      await node.unwant(key);
      held.end(key);
      node.taken(key, 0);
    },
    async rename(pullId, name) {
      if (name !== null) checkName(name);
      const key = names.byPullId(pullId);
      if (key === undefined) return local.rename(pullId, name);
      const wanted = node.view.wanted.get(key);
      if (wanted !== undefined) {
        const renamed = { ...wanted, name };
        await node.rewant(renamed);
        const { localName } = list.pending(renamed);
        return { ...infoOf(key), givenName: name, localName };
      }
      checkOwned(key);
      return local.rename(held.get(key)?.localId ?? pullId, name);
    },
  };
}

function isKeptHere({ pullId = '' }: PullRequest, node: Pick<ClusterNode, 'view'>, names: StreamNames): boolean {
  const key = names.byPullId(pullId);
  return key === undefined || !node.view.wanted.has(key);
}
