/**
 * The streams that play at this node: pulled from their sources, where it owns them, or taken from another node. The driver says which
 * (NodeStreams); what becomes of them it is told.
 */
import type { Claim, NodeRecord } from '../core/cluster/records.js';
import { isSourceAddress } from '../core/source/schemes.js';
import { SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { LocalStreams } from '../supervisor/streams.js';
import type { ClusterNode, ClusterSecrets, NodeStreams, OwnedStream } from './contract.js';
import { epochServed, type Held, type Role } from './held.js';
import { createHeldWatch } from './held-watch.js';
import { pullRequestOf, unsealRequest } from './sealed-request.js';

export interface HeldStreams extends NodeStreams {
  readonly all: Iterable<Held>;
  get(key: string): Held | undefined;
  byLocalId(localId: string): Held | undefined;
  isLive(held: Held): boolean;
  /**
   * Gives the id of its pull here, which is started where there is none that lives. `name`: as it was asked for; `client`: whose viewer
   * wants it, null for none. Errors: those of LocalStreams.pull.
   */
  start(held: Held, name: string, client: string | null): string;
  /** The epoch under which other nodes may take it from here; null: under none. */
  epochOf(key: string): number | null;
  /** Is told from now on when another role is played here. */
  onRole(listener: () => void): void;
  /** Nothing is told any more. */
  close(): void;
}

interface HeldOptions {
  readonly local: LocalStreams;
  readonly node: ClusterNode;
  readonly secrets: ClusterSecrets;
  readonly log: Logger;
}

export function createHeldStreams(options: HeldOptions): HeldStreams {
  const { local, node, secrets, log } = options;
  const byKey = new Map<string, Held>();
  const byLocalId = new Map<string, Held>();
  const listeners: (() => void)[] = [];
  const isLive = ({ localId }: Held): boolean => {
    const state = local.get(localId)?.state;
    return state !== undefined && state !== 'STOPPED' && state !== 'FAILED';
  };
  const watch = createHeldWatch({ local, node, held: byLocalId });

  const become = (key: string, role: Role, pullId: string): Held => {
    const held = byKey.get(key) ?? { key, role, localId: pullId, hasSources: false };
    held.role = role;
    byKey.set(key, held);
    byLocalId.set(held.localId, held);
    for (const listener of listeners) listener();
    return held;
  };
  const called = (held: Held, localId: string): void => {
    if (byLocalId.get(held.localId) === held) byLocalId.delete(held.localId);
    held.localId = localId;
    byLocalId.set(localId, held);
  };

  /** Errors: those of LocalStreams.pull. One that viewers have had pulled here is adopted. */
  const startOwned = (held: Held, stream: OwnedStream, client: string | null): void => {
    const request = unsealRequest(secrets, stream);
    if (request === null) throw new SluiceError('request.invalid', 'it was sealed with another cluster.secret');
    called(held, local.pull(pullRequestOf(request, stream), client ?? undefined).pullId);
    held.hasSources = true;
  };
  const startEdge = (held: Held, { claim, parent }: Role & { readonly kind: 'edge' }, name: string): void => {
    const { key, pullId } = claim;
    const wanted = node.view.wanted.get(key);
    const request = wanted === undefined ? null : unsealRequest(secrets, wanted);
    // Of one on demand only who named its address knows it.
    const uris = request?.uris ?? [isSourceAddress(name) ? name : `rtmp://cluster.invalid/live/${key}`];
    const { hasAudio = true, hasVideo = true, origin = 'viewer' } = request ?? {};
    const localStreamName = (wanted ?? claim).name ?? undefined;
    const parentUri = linkUri(secrets, claim, parent);
    const asked = { uris, localStreamName, hasAudio, hasVideo, record: request?.record ?? false, origin };
    called(held, local.pull({ ...asked, pullId, parentUri }).pullId);
    held.hasSources = request !== null || isSourceAddress(name);
  };
  const pointTo = (held: Held, parentUri: string | null): void => {
    local.pointTo(held.localId, parentUri).catch((error: unknown) => {
      // It ended meanwhile.
      if (!(error instanceof SluiceError)) throw error;
    });
    void local.endLinks(held.localId, epochServed(held));
  };
  /** What was asked for since this edge was begun counts. */
  const takeFromSource = (held: Held, stream: OwnedStream): void => {
    const request = unsealRequest(secrets, stream);
    if (request !== null) local.wishRecording(held.localId, pullRequestOf(request, stream));
    pointTo(held, null);
  };

  /** What viewers have asked for is started by `start`, for the client that did. */
  const isWanted = (stream: OwnedStream): boolean => unsealRequest(secrets, stream)?.origin !== 'viewer';
  /** Somebody wants for good what viewers have had pulled, or it has another name. */
  const refresh = (held: Held): void => {
    const wanted = node.view.wanted.get(held.key);
    const known = wanted ?? node.view.claims.get(held.key);
    const info = local.get(held.localId);
    if (info === undefined || known === undefined || !isLive(held)) return;
    if (held.role.kind === 'owner' && info.origin === 'viewer' && wanted !== undefined && isWanted(wanted)) {
      held.role = { ...held.role, stream: wanted };
      attempt(log, held, () => startOwned(held, wanted, null));
    } else if (info.givenName !== known.name) attempt(log, held, () => local.rename(held.localId, known.name));
  };
  node.onChange((key) => {
    for (const held of key === null ? [...byKey.values()] : [byKey.get(key) ?? []].flat()) refresh(held);
  });

  return {
    get all() {
      return byKey.values();
    },
    get: (key) => byKey.get(key),
    byLocalId: (localId) => byLocalId.get(localId),
    isLive,
    own(stream, epoch) {
      const held = become(stream.key, { kind: 'owner', stream, epoch }, stream.pullId);
      const isEdge = local.get(held.localId)?.origin === 'edge';
      if (isLive(held) && isEdge && !held.hasSources) local.terminate({ pullId: held.localId });
      if (isLive(held)) {
        if (isEdge) takeFromSource(held, stream);
        else void local.endLinks(held.localId, epoch);
      } else if (isWanted(stream)) attempt(log, held, () => startOwned(held, stream, null));
      if (isLive(held)) watch.look(held);
    },
    follow(claim, parent) {
      const { role: before } = byKey.get(claim.key) ?? {};
      const held = become(claim.key, { kind: 'edge', claim, parent }, claim.pullId);
      if (isLive(held) && !isSameLink(before, held.role)) pointTo(held, linkUri(secrets, claim, parent));
    },
    end(key) {
      const held = byKey.get(key);
      if (held === undefined) return;
      byKey.delete(key);
      byLocalId.delete(held.localId);
      if (isLive(held)) local.terminate({ pullId: held.localId });
    },
    start(held, name, client) {
      const { role } = held;
      if (isLive(held)) return held.localId;
      if (role.kind === 'owner') startOwned(held, role.stream, client);
      else startEdge(held, role, name);
      return held.localId;
    },
    epochOf(key) {
      const held = byKey.get(key);
      return held === undefined ? null : epochServed(held);
    },
    onRole: (listener) => void listeners.push(listener),
    close: watch.close,
  };
}

/** Who waits for it is told by his own call; the log tells who looks why. */
function attempt(log: Logger, { key }: Held, change: () => unknown): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    log('error', 'cluster.notCarriedOut', { key, reason: error.code, detail: error.detail });
  }
}

const linkUri = (
  secrets: Pick<ClusterSecrets, 'linkToken'>,
  { key, epoch }: Claim,
  { addresses }: NodeRecord,
): string => `rtmp://${addresses.rtmp}/cluster/${key}?token=${secrets.linkToken(key)}&epoch=${epoch}`;

const isSameLink = (before: Role | undefined, now: Role): boolean =>
  before?.kind === 'edge' &&
  now.kind === 'edge' &&
  before.claim.epoch === now.claim.epoch &&
  before.parent.nodeId === now.parent.nodeId &&
  before.parent.addresses.rtmp === now.parent.addresses.rtmp;
