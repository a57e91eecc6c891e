/** The streams of all nodes, as lists show them. */
import type { Quarantine } from '../core/cluster/member.js';
import type { Claim, WantedStream } from '../core/cluster/records.js';
import { maskUri } from '../core/rtmp/url.js';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { LocalStreams, Streams } from '../supervisor/streams.js';
import type { ClusterNode, ClusterSecrets } from './contract.js';
import type { Held } from './held.js';
import type { HeldStreams } from './held-streams.js';
import { unsealRequest } from './sealed-request.js';
import { readShown } from './shown-pull.js';
import type { StreamNames } from './stream-names.js';

export interface ListOptions {
  readonly local: LocalStreams;
  readonly node: Pick<ClusterNode, 'view'>;
  readonly secrets: ClusterSecrets;
  readonly names: StreamNames;
  readonly held: Pick<HeldStreams, 'all' | 'get' | 'byLocalId'>;
}

export interface ClusterList extends Pick<Streams, 'list' | 'find' | 'named'> {
  /** Undefined: it is neither wanted nor pulled anywhere. */
  of(key: string): PullInfo | undefined;
  /** As it is listed until a node has it. */
  pending(stream: WantedStream): PullInfo;
}

export function createClusterList({ local, node, secrets, names, held }: ListOptions): ClusterList {
  /** What was shown is read once. */
  const read = new Map<string, { readonly shown: string; readonly info: PullInfo | null }>();
  const shownBy = ({ key, shown }: Claim): PullInfo | null => {
    const known = read.get(key);
    if (known?.shown === shown) return known.info;
    const info = readShown(shown);
    read.set(key, { shown, info });
    return info;
  };

  const ownedHere = (one: Held | undefined): PullInfo | undefined =>
    one?.role.kind === 'owner' ? local.get(one.localId) : undefined;

  const delayHere = (one: Held | undefined): number | null =>
    one?.role.kind === 'edge' ? (local.get(one.localId)?.linkDelayMs ?? null) : null;

  const of: ClusterList['of'] = (key) => {
    const { wanted: allWanted, claims } = node.view;
    const wanted = allWanted.get(key);
    const claim = claims.get(key);
    const shown = ownedHere(held.get(key)) ?? (claim === undefined ? null : shownBy(claim));
    const info = shown ?? (wanted === undefined ? undefined : unowned(secrets, wanted));
    if (info === undefined) return undefined;
    const quarantine = shown === null ? node.view.quarantined.get(key) : undefined;
    const { viewers, links } = edgesOf(node, key, claim);
    const { pullId = info.pullId } = wanted ?? claim ?? {};
    return {
      ...info,
      ...quarantineOf(quarantine),
      pullId,
      viewers: info.viewers + viewers,
      players: Math.max(0, info.players - links),
      linkDelayMs: delayHere(held.get(key)),
    };
  };

  /** Those that are no other node's business: the demo, and what has just ended here. */
  const ofThisNode = (): readonly PullInfo[] =>
    local.list().filter(({ pullId, origin }) => origin !== 'edge' && held.byLocalId(pullId) === undefined);

  return {
    of,
    pending: (stream) => unowned(secrets, stream),
    list() {
      const { wanted, claims } = node.view;
      for (const key of read.keys()) if (!claims.has(key)) read.delete(key);
      const keys = new Set([...wanted.keys(), ...claims.keys(), ...[...held.all].map(({ key }) => key)]);
      const ofAll = [...keys].flatMap((key) => of(key) ?? []);
      const listed = new Set(ofAll.map(({ pullId }) => pullId));
      return [...ofAll, ...ofThisNode().filter(({ pullId }) => !listed.has(pullId))];
    },
    find(name) {
      const key = names.keyOf(name);
      const found = key === undefined ? undefined : of(key);
      if (found !== undefined) return found;
      const here = local.find(name);
      return here === undefined || here.origin === 'edge' ? undefined : here;
    },
    named(name) {
      const key = names.keyOf(name);
      const found = key === undefined ? undefined : of(key);
      return new Set([...local.named(name), ...(found === undefined ? [] : [found.pullId])]);
    },
  };
}

/** Why nobody pulls it. */
const quarantineOf = (quarantine: Quarantine | undefined): Partial<Pick<PullInfo, 'reason' | 'detail'>> =>
  quarantine === undefined
    ? {}
    : { reason: 'stream.quarantined', detail: `${quarantine.deaths} nodes ended while they had it` };

/** Who watches at edges, and how many of the owner's players are links of theirs. */
function edgesOf({ view }: Pick<ClusterNode, 'view'>, key: string, claim: Claim | undefined) {
  const edges = view.edgesOf(key);
  const links = edges.filter(({ parentId }) => parentId === claim?.nodeId).length;
  const taken = edges.reduce((sum, { viewers }) => sum + viewers, 0);
  // An edge counts the links that it serves to others.
  return { links, viewers: Math.max(0, taken - (edges.length - links)) };
}

/** Nobody has it yet, or its owner has not said how it stands. */
function unowned(secrets: ClusterSecrets, wanted: WantedStream): PullInfo {
  const request = unsealRequest(secrets, wanted);
  const uris = (request?.uris ?? []).map(maskUri);
  const { hasAudio = true, hasVideo = true, record = false, origin = 'rest', createdAtMs = 0 } = request ?? {};
  return {
    pullId: wanted.pullId,
    localName: wanted.name ?? uris[0] ?? '',
    givenName: wanted.name,
    uri: uris[0] ?? '',
    uris,
    playingUri: null,
    remoteSessionId: null,
    origin,
    state: 'PENDING',
    reason: null,
    detail: '',
    record,
    hasAudio,
    hasVideo,
    media: { video: null, audio: null },
    viewers: 0,
    players: 0,
    linkDelayMs: null,
    restarts: 0,
    createdAtMs,
  };
}
