/** Brings what a stream is at this node in line with what is known of it: after each event, for the streams that it touches. */
import { pursue, rivalOf } from './claims.js';
import { type Course, courseOf } from './course.js';
import { isInTouch, type Local } from './local.js';
import { times } from './member.js';
import { demandOf, isIdle, mediaDueMs, type Stream } from './stream.js';

/** `openFromMs`: the earliest moment at which one that is found unowned may be claimed by another than its owner. */
export function settle(local: Local, stream: Stream, nowMs: number, openFromMs = nowMs): void {
  const { knowledge, self } = local;
  adopt(local, stream, nowMs);
  const rival = rivalOf(local, stream);
  const isNeeded = stream.viewers > 0;
  const course = courseOf({
    role: stream.role,
    rival,
    isWanted: stream.wanted !== null,
    isNeeded,
    isSourceKnown: demandOf(stream) !== null,
    isInTouch: isInTouch(local),
  });
  // What a suspect does to its owner it would do to all who follow it.
  if (course !== 'follow' || stream.role?.kind === 'owner' || !isTried(local, stream))
    take(local, stream, course, nowMs);
  if (isOverdue(stream, nowMs)) {
    take(local, stream, isNeeded && rival !== null ? 'follow' : 'end', nowMs);
    // The others have their chance first.
    stream.leftMs = nowMs + (1 + knowledge.nodes.size) * times.handOverMs;
  }
  const isOpen = rival === null && stream.claim?.nodeId !== self.nodeId;
  stream.openMs = isOpen ? (stream.openMs ?? Math.max(nowMs, openFromMs)) : null;
  stream.leftMs = rival?.isHandingOver ? (stream.leftMs ?? nowMs) : null;
  pursue(local, stream, nowMs);
  if (isIdle(stream)) knowledge.streams.delete(stream.key);
}

/**
 * A claim of its own of which it has no answer: it was granted all the same. Nobody knows how old its lease is. One below the highest
 * epoch was left to another owner since, and is there again with an old copy of the registry.
 */
function adopt(local: Local, stream: Stream, nowMs: number): void {
  const { claim, role, askedMs, epoch } = stream;
  if (claim?.nodeId !== local.self.nodeId || askedMs !== null) return;
  if (role?.kind === 'owner' && role.epoch === claim.epoch) return;
  if (claim.epoch < epoch) {
    stream.claim = null;
    return;
  }
  if (demandOf(stream) === null) {
    local.roles.end(stream);
    return;
  }
  local.roles.grant(stream, claim, Number.NEGATIVE_INFINITY, nowMs);
  local.beatMs = nowMs;
}

function take({ roles }: Local, stream: Stream, course: Course, nowMs: number): void {
  if (course === 'own') roles.own(stream, null);
  if (course === 'end') roles.end(stream);
  if (course === 'follow' && stream.claim !== null) roles.follow(stream, stream.claim, nowMs);
}

const isTried = ({ knowledge }: Local, { key, claim }: Stream): boolean =>
  claim !== null && knowledge.nodes.get(claim.nodeId)?.trialKey === key;

/** A successor that got no media. */
const isOverdue = (stream: Stream, nowMs: number): boolean =>
  (mediaDueMs(stream) ?? Number.POSITIVE_INFINITY) <= nowMs && stream.askedMs === null;

/** All that hold for `touches`. */
export function settleAll(local: Local, nowMs: number, touches: (stream: Stream) => boolean, openFromMs = nowMs): void {
  for (const stream of [...local.knowledge.streams.values()]) {
    if (touches(stream)) settle(local, stream, nowMs, openFromMs);
  }
}
