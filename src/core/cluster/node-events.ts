/** What a member does with what happens at its own node. */
import { isInTouch, type Local } from './local.js';
import { type Demand, type NodeEvent, times } from './member.js';
import { freeStreams } from './placement.js';
import type { NodeRecord, WantedStream } from './records.js';
import { cease } from './registry-events.js';
import { settle, settleAll } from './settle.js';
import { demandOf, type Stream } from './stream.js';

/** A link to an owner that lives is given up after this, for one by way of another edge. */
const lossMs = 3000;

export function onNode(local: Local, event: NodeEvent, nowMs: number): void {
  const { knowledge } = local;
  switch (event.kind) {
    case 'self':
      takeSelf(local, event.node, nowMs);
      break;
    case 'want':
      want(local, event.stream, nowMs);
      break;
    case 'unwant':
      unwant(local, event.key, nowMs);
      break;
    case 'needed':
      need(local, knowledge.of(event.key), event.viewers, event.demand, nowMs);
      break;
    case 'playing':
    case 'linkLost': {
      const stream = knowledge.streams.get(event.key);
      if (stream === undefined) return;
      if (event.kind === 'playing') play(local, stream, nowMs);
      else loseLink(local, stream, event.parentId, nowMs);
      break;
    }
    case 'time':
  }
}

function takeSelf(local: Local, node: NodeRecord, nowMs: number): void {
  const before = local.self;
  local.self = node;
  if (node.isDraining !== before.isDraining) local.beatMs = nowMs;
  if (node.isDraining !== before.isDraining || freeStreams(node) > 0 !== freeStreams(before) > 0) {
    settleAll(local, nowMs, () => true);
  }
}

function want(local: Local, wanted: WantedStream, nowMs: number): void {
  const { knowledge, roles, said, push } = local;
  const stream = knowledge.of(wanted.key);
  if (isInTouch(local)) {
    said.set(wanted.key, wanted);
    push({ kind: 'want', stream: wanted });
    return;
  }
  if (stream.wanted === null) {
    stream.wanted = wanted;
    stream.isUnsaid = true;
  }
  if (stream.role === null) roles.own(stream, null);
  settle(local, stream, nowMs);
}

function unwant(local: Local, key: string, nowMs: number): void {
  const stream = local.knowledge.of(key);
  const wanted = stream.wanted ?? local.said.get(key);
  if (wanted !== undefined) {
    local.push({ kind: 'unwant', key, pullId: wanted.pullId });
    local.knowledge.ended(wanted.pullId, nowMs);
    stream.wantedMs = nowMs;
  }
  local.said.delete(key);
  cease(local, stream, nowMs);
  settle(local, stream, nowMs);
}

function need(local: Local, stream: Stream, viewers: number, demand: Demand | null, nowMs: number): void {
  stream.viewers = viewers;
  stream.demand = viewers === 0 ? null : (demand ?? stream.demand);
  settle(local, stream, nowMs);
}

/** Whoever waited for that to succeed another owner claims now. */
function play(local: Local, stream: Stream, nowMs: number): void {
  if (stream.role?.kind !== 'owner' || stream.role.isWarm) return;
  stream.role.isWarm = true;
  settle(local, stream, nowMs);
}

function loseLink(local: Local, stream: Stream, parentId: string, nowMs: number): void {
  const { role, claim } = stream;
  if (role?.kind !== 'edge' || role.parentId !== parentId) return;
  if (!isInTouch(local)) {
    const ownerId = claim?.nodeId ?? parentId;
    // First from the owner itself, whatever its epoch; then from the source.
    if (role.epoch > 0) local.roles.followUnclaimed(stream, ownerId);
    else if (demandOf(stream) !== null) local.roles.own(stream, null);
    return;
  }
  role.lostMs ??= nowMs;
  if (parentId !== claim?.nodeId || nowMs - role.lostMs >= lossMs) stream.avoided.set(parentId, nowMs + times.avoidMs);
  settle(local, stream, nowMs);
}
