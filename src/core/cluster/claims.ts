/** When a node claims a stream, and what becomes of its claims. */
import { type Candidacy, type Rival, turnMs } from './course.js';
import { endTrial, leftAloneMs, mayClaim, reportDeaths } from './deaths.js';
import { hashOf, pairHash } from './hash.js';
import { isInTouch, type Local } from './local.js';
import { type HeldClaim, type MemberEvent, times } from './member.js';
import { rankOf } from './placement.js';
import type { NodeRecord } from './records.js';
import { demandOf, mediaDueMs, type Stream } from './stream.js';

type Answer<Kind extends MemberEvent['kind']> = Extract<MemberEvent, { readonly kind: Kind }>;

/** The claim of another node that stands, as far as is known here. One below the highest epoch is of a registry that lost that one. */
export function rivalOf(local: Local, { claim, epoch }: Stream): Rival | null {
  const { knowledge, self } = local;
  if (claim === null || claim.nodeId === self.nodeId) return null;
  if (isInTouch(local) && (claim.epoch < epoch || !knowledge.isAlive(claim.nodeId))) return null;
  return { epoch: claim.epoch, isHandingOver: knowledge.nodes.get(claim.nodeId)?.isDraining ?? false };
}

/** Puts it into the wanted set, where it is not any more. */
export function say({ said, push }: Local, { key, wanted }: Stream): void {
  if (wanted === null || said.has(key)) return;
  said.set(key, wanted);
  push({ kind: 'want', stream: wanted });
}

/** Claims it, or gets its media first, if it is this node's turn; else waits for it. */
export function pursue(local: Local, stream: Stream, nowMs: number): void {
  const { turns, roles } = local;
  const { key, askedMs, role, epoch } = stream;
  turns.clear(key);
  const warmMs = mediaDueMs(stream);
  if (warmMs !== null) turns.set(key, warmMs);
  if (role?.kind === 'owner' && stream.isUnsaid && isInTouch(local)) say(local, stream);
  if (role?.kind === 'owner' && isInTouch(local)) reportDeaths(local, stream);
  const rival = rivalOf(local, stream);
  const candidacy = candidacyOf(local, stream, rival, nowMs);
  const dueMs = candidacy === null ? null : turnMs(candidacy);
  if (candidacy === null || dueMs === null) return;
  const isOpen = candidacy.kind === 'open' && dueMs <= nowMs;
  if (isOpen) reportDeaths(local, stream);
  const freeMs = isOpen ? leftAloneMs(local, stream, nowMs) + dueMs - candidacy.openMs : 0;
  const atMs = Math.max(dueMs, freeMs, askedMs === null ? 0 : askedMs + times.renewMs);
  if (atMs > nowMs) {
    turns.set(key, atMs);
    return;
  }
  if (isOpen && !mayClaim(local, stream, nowMs)) return;
  if (stream.isUnsaid) say(local, stream);
  if (candidacy.kind !== 'handOver')
    ask(local, stream, rival?.isHandingOver ? Math.max(epoch, rival.epoch + 1) : epoch, nowMs);
  else {
    turns.set(key, nowMs + times.handOverMs);
    roles.own(stream, nowMs + times.handOverMs);
  }
}

function ask({ turns, push }: Local, stream: Stream, above: number, nowMs: number): void {
  const demand = demandOf(stream);
  if (demand === null) return;
  stream.askedMs = nowMs;
  turns.set(stream.key, nowMs + times.renewMs);
  push({ kind: 'claim', key: stream.key, pullId: demand.pullId, name: demand.name, above, atMs: nowMs });
}

function candidacyOf(local: Local, stream: Stream, rival: Rival | null, nowMs: number): Candidacy | null {
  const { role, claim, epoch } = stream;
  const { self, knowledge } = local;
  if (!isInTouch(local) || self.isDraining || demandOf(stream) === null) return null;
  if (role?.kind === 'owner') {
    const isGood = claim?.nodeId === self.nodeId && claim.epoch === role.epoch && claim.epoch >= epoch;
    const isForAnother = rival !== null && rival.epoch >= role.epoch && !(rival.isHandingOver && role.isWarm);
    return isGood || isForAnother ? null : { kind: 'plays', rank: 0, openMs: nowMs };
  }
  const openMs = rival === null ? stream.openMs : stream.leftMs;
  if (openMs === null) return null;
  const kind = rival === null ? 'open' : 'handOver';
  // Whose turn it is counts from then on: where many are open at once nobody compares all nodes for each of them before.
  if (openMs > nowMs) return { kind, rank: 0, openMs };
  const rank =
    stream.wanted === null
      ? rankAmongEdges(stream, self)
      : rankOf(self, knowledge.nodes.values(), { key: stream.key, label: stream.wanted.label });
  return { kind, rank, openMs };
}

/** A stream on demand goes on at one of those whose viewers ask for it. */
function rankAmongEdges({ key, edges }: Stream, { nodeId }: NodeRecord): number {
  const keyHash = hashOf(key);
  const own = pairHash(keyHash, hashOf(nodeId));
  return [...edges.keys()].filter((id) => pairHash(keyHash, hashOf(id)) < own).length;
}

export function takeClaimed(local: Local, { act, claim }: Answer<'claimed'>, nowMs: number): Stream {
  const { knowledge, self, roles } = local;
  const stream = knowledge.of(act.key);
  stream.askedMs = null;
  if (claim.epoch < (stream.claim?.epoch ?? 0)) return stream;
  stream.claim = claim;
  stream.claimMs = nowMs;
  stream.epoch = Math.max(stream.epoch, claim.epoch);
  if (claim.nodeId !== self.nodeId) {
    knowledge.hear(claim.nodeId, nowMs - times.leaseMs + times.renewMs);
    endTrial(local, act.key, nowMs);
  }
  // Where nobody wants it any more it is released as it is settled.
  else if (demandOf(stream) !== null || stream.role !== null) roles.grant(stream, claim, act.atMs, nowMs);
  return stream;
}

/** Gives the streams whose claims are lost. */
export function takeRenewed(
  { knowledge, self, roles }: Local,
  { act, held }: Answer<'renewed'>,
  nowMs: number,
): readonly Stream[] {
  const lost: Stream[] = [];
  for (const [at, { key, epoch }] of act.claims.entries()) {
    const stream = knowledge.streams.get(key);
    if (stream?.role?.kind !== 'owner' || stream.role.epoch !== epoch) continue;
    if (held[at]) roles.renewed(stream, act.atMs, nowMs);
    else lost.push(stream);
  }
  for (const stream of lost) {
    roles.fence(stream);
    if (stream.claim?.nodeId === self.nodeId) stream.claim = null;
  }
  return lost;
}

/** Those that this node holds, as far as it knows. */
export const heldClaims = ({ roles, self }: Local): readonly HeldClaim[] =>
  [...roles.played.values()].flatMap(({ key, role, claim }) =>
    role?.kind === 'owner' && role.epoch > 0 && claim?.nodeId === self.nodeId ? [{ key, epoch: role.epoch }] : [],
  );
