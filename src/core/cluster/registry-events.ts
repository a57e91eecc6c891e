/** What a member does with what the registry says. */
import { takeClaimed, takeRenewed } from './claims.js';
import { mostTurns } from './course.js';
import { endTrial, forgive } from './deaths.js';
import { hashOf, pairHash } from './hash.js';
import { isInTouch, type Local } from './local.js';
import { type RegistryEvent, times } from './member.js';
import type { RegistryChange, RegistryReading } from './records.js';
import { settle, settleAll } from './settle.js';
import type { Stream } from './stream.js';

/** Who comes into touch, or reads a registry of another era, claims nothing that it finds unowned before this: all others may be about to say what they have. */
const calmMs = 2 * times.renewMs;
/** More than one word of another era may come before it is read. */
const rereadMs = 1000;

export function onRegistry(local: Local, event: RegistryEvent, nowMs: number): void {
  switch (event.kind) {
    case 'view':
      takeView(local, event.view, event.askedAtMs, nowMs);
      break;
    case 'change':
      takeChange(local, event.change, nowMs);
      break;
    case 'claimed':
      settle(local, takeClaimed(local, event, nowMs), nowMs);
      break;
    case 'renewed':
      for (const stream of takeRenewed(local, event, nowMs)) settle(local, stream, nowMs);
      return;
    case 'wanted':
      takeWanted(local, event.act.stream.key, event, nowMs);
      takeEra(local, event.era, nowMs);
      break;
    case 'announced':
      takeAnnounced(local, event.act.node.trialKey, nowMs);
      takeEra(local, event.era, nowMs);
      break;
    case 'reachable':
      if (event.isReachable) takeBack(local, nowMs);
      else takeGone(local, nowMs);
      break;
  }
}

function takeView(local: Local, view: RegistryReading, askedAtMs: number, nowMs: number): void {
  const { knowledge, push } = local;
  if (askedAtMs < knowledge.takenMs) {
    // It was asked for later, and under way beside the one that is known: nobody knows which of them saw the newer state.
    if (askedAtMs > knowledge.readMs) local.readMs = nowMs;
    return;
  }
  const wasInTouch = isInTouch(local);
  const isCalm = !wasInTouch || view.era !== knowledge.era;
  local.isReachable = true;
  local.isRead = true;
  if (!wasInTouch) knowledge.excuse(nowMs);
  const stillUnsaid = [...knowledge.streams.values()].filter(({ isUnsaid }) => isUnsaid);
  const isOver = ({ pullId }: { readonly pullId: string }): boolean => knowledge.hasEnded(pullId, askedAtMs);
  for (const { key, pullId } of view.wanted.filter(isOver)) push({ kind: 'unwant', key, pullId });
  const wanted = view.wanted.filter((stream) => !isOver(stream));
  const unwanted = knowledge.read({ ...view, wanted }, askedAtMs, nowMs);
  for (const stream of unwanted) cease(local, stream, nowMs);
  settleAll(local, nowMs, () => true, isCalm ? nowMs + calmMs : nowMs);
  // Its owner, who was to say it, does not know of it.
  for (const { key, isUnsaid } of stillUnsaid) if (isUnsaid) local.sayings.set(key, nowMs + sayAfterMs(local, key));
}

/** Spread by hash over the turns of those who are there: the others hear of the first one before it is their time. */
const sayAfterMs = ({ self, knowledge }: Local, key: string): number =>
  pairHash(hashOf(key), hashOf(self.nodeId)) * Math.min(knowledge.nodes.size, mostTurns) * times.turnMs;

function takeChange(local: Local, change: RegistryChange, nowMs: number): void {
  const { knowledge } = local;
  if (change.kind === 'node') {
    const { nodeId } = change;
    const { isDraining = false, trialKey = null } = knowledge.nodes.get(nodeId) ?? {};
    const wasAlive = knowledge.isAlive(nodeId);
    knowledge.change(change, nowMs);
    if (change.node === null) {
      lose(local, nodeId, nowMs);
      return;
    }
    const isOther = change.node.isDraining !== isDraining || change.node.trialKey !== trialKey;
    if (isOther) settleAll(local, nowMs, ({ claim }) => claim?.nodeId === nodeId);
    if (!wasAlive) settleAll(local, nowMs, (stream) => forgive(stream, nodeId));
    return;
  }
  const stream = knowledge.of(change.key);
  const before = stream.wanted;
  // It was terminated, here before the registry told that it is wanted; or it was put back by a node that did not hear of its end.
  if (change.kind === 'wanted' && change.wanted !== null && knowledge.hasEnded(change.wanted.pullId, nowMs)) {
    local.push({ kind: 'unwant', key: change.key, pullId: change.wanted.pullId });
    return;
  }
  knowledge.change(change, nowMs);
  if (before !== null && stream.wanted === null) {
    knowledge.ended(before.pullId, nowMs);
    cease(local, stream, nowMs);
  }
  settle(local, stream, nowMs);
  if (change.kind === 'wanted') takeEra(local, change.era, nowMs);
}

/** It was terminated: its viewers end with it. */
export function cease({ knowledge }: Local, stream: Stream, nowMs: number): void {
  if (stream.wanted !== null) knowledge.ended(stream.wanted.pullId, nowMs);
  stream.wanted = null;
  stream.isUnsaid = false;
  stream.viewers = 0;
  stream.demand = null;
}

/** All hear of its trial before they hear of its claim. */
function takeAnnounced(local: Local, trialKey: string | null, nowMs: number): void {
  const { trial, knowledge } = local;
  if (trial === null || trial.isTold || trial.key !== trialKey) return;
  trial.isTold = true;
  const stream = knowledge.of(trial.key);
  settle(local, stream, nowMs);
  if (stream.askedMs === null) endTrial(local, trial.key, nowMs);
}

/** The registry has been started anew, or emptied, since it was read: what is known may not be there any more. */
function takeEra(local: Local, era: string, nowMs: number): void {
  if (era === '' || era === local.knowledge.era) return;
  local.readMs = Math.min(local.readMs, Math.max(nowMs, local.readAskedMs + rereadMs));
}

/** A node is gone, and with it what it owned and passed on. */
export function lose(local: Local, nodeId: string, nowMs: number): void {
  const isOfIt = ({ claim, role }: Stream): boolean =>
    claim?.nodeId === nodeId || (role?.kind === 'edge' && role.parentId === nodeId);
  local.knowledge.forgetNode(nodeId);
  settleAll(local, nowMs, isOfIt);
}

type Answer = Pick<Extract<RegistryEvent, { readonly kind: 'wanted' }>, 'isGranted' | 'era'>;

function takeWanted(local: Local, key: string, { isGranted, era }: Answer, nowMs: number): void {
  const { knowledge, said } = local;
  const asked = said.get(key);
  said.delete(key);
  if (asked === undefined) return;
  const stream = knowledge.of(key);
  stream.isUnsaid = false;
  if (isGranted) {
    stream.wanted ??= asked;
    stream.wantedMs = nowMs;
    stream.wantedEra = era;
  }
  // Taken while the registry was away, and its name is taken, or it is wanted as another pull: it plays on for its viewers alone.
  if (!isGranted && stream.wanted?.pullId === asked.pullId) {
    stream.demand ??= { pullId: asked.pullId, name: null };
    stream.wanted = null;
  }
  settle(local, stream, nowMs);
}

function takeGone(local: Local, nowMs: number): void {
  const { knowledge, said, roles } = local;
  local.isReachable = false;
  local.isRead = false;
  // It may have been read a moment ago: whether it is there again is to be found out all the same.
  local.readMs = Math.min(local.readMs, nowMs + times.renewMs);
  for (const stream of knowledge.streams.values()) stream.askedMs = null;
  // Whoever asked for them is not to wait.
  for (const [key, wanted] of said) {
    const stream = knowledge.of(key);
    stream.wanted ??= wanted;
    stream.isUnsaid = true;
    if (stream.role === null && stream.claim === null) roles.own(stream, null);
  }
  said.clear();
  settleAll(local, nowMs, ({ viewers }) => viewers > 0);
}

/** Changes may have been missed: all is read, and until then what is known counts. */
function takeBack(local: Local, nowMs: number): void {
  // Who holds what is to be said before others take it for nobody's.
  if (!local.isReachable) local.beatMs = nowMs;
  local.isReachable = true;
  local.readMs = nowMs;
}
