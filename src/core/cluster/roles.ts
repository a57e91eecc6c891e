/** What the streams of a node are, told to them when it changes: owned, followed or neither; and the fences of those that are owned. */
import { createDeadlines } from './deadlines.js';
import { type Act, times } from './member.js';
import type { Claim, Edge } from './records.js';
import type { Follower, Stream } from './stream.js';
import { placeIn } from './tree.js';

export interface Roles {
  /** The streams that have a role here, by key. */
  readonly played: ReadonlyMap<string, Stream>;
  /** Pulls it from its source without a claim; `warmUntilMs`: as the successor of another owner. */
  own(stream: Stream, warmUntilMs: number | null): void;
  /** This node has this claim, which it asked for at `leaseMs`. */
  grant(stream: Stream, claim: Claim, leaseMs: number, nowMs: number): void;
  renewed(stream: Stream, leaseMs: number, nowMs: number): void;
  fence(stream: Stream): void;
  follow(stream: Stream, claim: Claim, nowMs: number): void;
  /** Both this node and the owner are cut off from the registry. */
  followUnclaimed(stream: Stream, ownerId: string): void;
  end(stream: Stream): void;
  /** Streams whose lease may have run too short. */
  takeFences(nowMs: number): readonly string[];
  readonly dueMs: number;
}

interface Parts {
  readonly nodeId: string;
  readonly maxChildren: number;
  readonly push: (act: Act) => void;
}

export function createRoles({ nodeId, maxChildren, push }: Parts): Roles {
  const fences = createDeadlines();
  const played = new Map<string, Stream>();

  const tellOwned = ({ key, role }: Stream): void => {
    if (role?.kind === 'owner') push({ kind: 'own', key, epoch: role.isFenced ? 0 : role.epoch });
  };
  const leaveEdge = ({ key, role }: Stream): void => {
    if (role?.kind === 'edge' && role.epoch > 0) push({ kind: 'withdrawEdge', key });
  };
  const become = (stream: Stream, role: Follower): void => {
    fences.clear(stream.key);
    stream.role = role;
    played.set(stream.key, stream);
    push({ kind: 'follow', key: stream.key, epoch: role.epoch, parentId: role.parentId });
  };
  const guard = ({ key, role }: Stream): void => {
    if (role?.kind !== 'owner') return;
    if (role.isFenced) fences.clear(key);
    else fences.set(key, role.leaseMs + times.fenceMs);
  };
  const isFresh = (leaseMs: number, nowMs: number): boolean => nowMs - leaseMs < times.fenceMs;

  return {
    played,
    own(stream, warmUntilMs) {
      leaveEdge(stream);
      played.set(stream.key, stream);
      stream.role = {
        kind: 'owner',
        epoch: 0,
        leaseMs: Number.NEGATIVE_INFINITY,
        isFenced: false,
        warmUntilMs,
        isWarm: false,
      };
      tellOwned(stream);
    },
    grant(stream, { epoch }, leaseMs, nowMs) {
      leaveEdge(stream);
      played.set(stream.key, stream);
      stream.role = {
        kind: 'owner',
        epoch,
        leaseMs,
        isFenced: !isFresh(leaseMs, nowMs),
        warmUntilMs: null,
        isWarm: true,
      };
      guard(stream);
      tellOwned(stream);
    },
    renewed(stream, leaseMs, nowMs) {
      if (stream.role?.kind !== 'owner') return;
      stream.role.leaseMs = Math.max(stream.role.leaseMs, leaseMs);
      if (stream.role.isFenced && isFresh(stream.role.leaseMs, nowMs)) {
        stream.role.isFenced = false;
        tellOwned(stream);
      }
      guard(stream);
    },
    fence(stream) {
      if (stream.role?.kind !== 'owner' || stream.role.isFenced || stream.role.epoch === 0) return;
      stream.role.isFenced = true;
      guard(stream);
      tellOwned(stream);
    },
    follow(stream, claim, nowMs) {
      const now = stream.role?.kind === 'edge' ? stream.role : null;
      const place = stay(stream, now, claim) ?? choose(stream, now, claim, nodeId, maxChildren, nowMs);
      if (now?.epoch === claim.epoch && now.parentId === place.parentId) {
        now.depth = place.depth;
        return;
      }
      become(stream, {
        kind: 'edge',
        epoch: claim.epoch,
        parentId: place.parentId,
        depth: place.depth,
        lostMs: null,
      });
      push({ kind: 'announceEdges', edges: [edgeOf(stream, nodeId)].filter((edge) => edge !== null) });
    },
    followUnclaimed(stream, ownerId) {
      leaveEdge(stream);
      become(stream, { kind: 'edge', epoch: 0, parentId: ownerId, depth: 1, lostMs: null });
    },
    end(stream) {
      const { key, role, claim } = stream;
      leaveEdge(stream);
      fences.clear(key);
      if (claim?.nodeId === nodeId) {
        push({ kind: 'release', key, epoch: claim.epoch });
        stream.claim = null;
      }
      stream.role = null;
      played.delete(key);
      stream.avoided.clear();
      if (role !== null) push({ kind: 'end', key });
    },
    takeFences: (nowMs) => fences.take(nowMs),
    get dueMs() {
      return fences.dueMs;
    },
  };
}

/** As the registry is told of it; null: it is no edge, or one of no epoch. */
export function edgeOf({ key, role, viewers }: Stream, nodeId: string): Edge | null {
  if (role?.kind !== 'edge' || role.epoch === 0) return null;
  const { epoch, parentId, depth } = role;
  return { key, nodeId, epoch, parentId, depth, viewers };
}

interface Place {
  readonly parentId: string;
  readonly depth: number;
}

/** Where it is, if nothing has changed there; null: it is to be looked at. */
function stay({ edges, avoided }: Stream, now: Follower | null, { epoch, nodeId: ownerId }: Claim): Place | null {
  if (now === null || now.epoch !== epoch || avoided.has(now.parentId)) return null;
  if (now.parentId === ownerId) return { parentId: ownerId, depth: 1 };
  const parent = edges.get(now.parentId);
  return parent === undefined ? null : { parentId: now.parentId, depth: parent.depth + 1 };
}

function choose(
  { key, edges, avoided }: Stream,
  now: Follower | null,
  { nodeId: ownerId }: Claim,
  nodeId: string,
  maxChildren: number,
  nowMs: number,
): Place {
  for (const [id, untilMs] of avoided) if (untilMs <= nowMs) avoided.delete(id);
  const all = new Map<string, Pick<Edge, 'parentId'>>(edges);
  if (now !== null) all.set(nodeId, now);
  return placeIn({ key, ownerId, edges: all, maxChildren }, nodeId, new Set(avoided.keys()));
}
