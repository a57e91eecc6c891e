/**
 * The state machine of a node (member.ts). Whatever happens, what is known is brought up to date (knowledge.ts), and the streams
 * that it touches are settled by the same rules (course.ts).
 */
import { heldClaims, say } from './claims.js';
import { createDeadlines } from './deadlines.js';
import { noteDeath, quarantinedOf } from './deaths.js';
import { createKnowledge } from './knowledge.js';
import { announce, isInTouch, type Local } from './local.js';
import { type Act, type Member, type MemberEvent, type Role, times } from './member.js';
import { onNode } from './node-events.js';
import type { NodeRecord, RegistryView } from './records.js';
import { lose, onRegistry } from './registry-events.js';
import { createRoles, edgeOf } from './roles.js';
import { settle, settleAll } from './settle.js';

export interface MemberSettings {
  /** `cluster.maxChildren`: to how many nodes one passes a stream on. */
  readonly maxChildren: number;
}

/** A process that did nothing for so long was stopped, or starved. */
const pauseMs = 2 * times.renewMs;

/** The first `time` has it announce itself, and read. */
export function createMember(self: NodeRecord, { maxChildren }: MemberSettings): Member {
  let acts: Act[] = [];
  let lastMs = Number.POSITIVE_INFINITY;
  const push = (act: Act): void => void acts.push(act);
  const local: Local = {
    self,
    isReachable: true,
    isRead: false,
    beatMs: Number.NEGATIVE_INFINITY,
    readMs: Number.NEGATIVE_INFINITY,
    readAskedMs: Number.NEGATIVE_INFINITY,
    knowledge: createKnowledge(self.nodeId),
    roles: createRoles({ nodeId: self.nodeId, maxChildren, push }),
    turns: createDeadlines(),
    sayings: createDeadlines(),
    said: new Map(),
    trial: null,
    push,
  };

  return {
    on(event, nowMs) {
      acts = [];
      // First of all: after a pause it is not to act on a claim that others may have by now, nor to miss who was not heard of.
      fence(local, nowMs);
      if (nowMs - lastMs > pauseMs) lapse(local, nowMs);
      lastMs = nowMs;
      handle(local, event, nowMs);
      elapse(local, nowMs);
      return acts;
    },
    get dueMs() {
      const silenceMs = isInTouch(local) ? local.knowledge.dueMs : Number.POSITIVE_INFINITY;
      const trialMs = local.trial?.untilMs ?? Number.POSITIVE_INFINITY;
      const { beatMs, readMs, turns, sayings, roles } = local;
      return Math.min(beatMs, readMs, turns.dueMs, sayings.dueMs, roles.dueMs, silenceMs, trialMs);
    },
    get known() {
      return viewOf(local);
    },
    get roles() {
      return rolesOf(local);
    },
    get quarantined() {
      return quarantinedOf(local, lastMs);
    },
    get isDegraded() {
      return !isInTouch(local);
    },
  };
}

function handle(local: Local, event: MemberEvent, nowMs: number): void {
  switch (event.kind) {
    case 'view':
    case 'change':
    case 'claimed':
    case 'renewed':
    case 'wanted':
    case 'announced':
    case 'reachable':
      onRegistry(local, event, nowMs);
      break;
    default:
      onNode(local, event, nowMs);
      break;
  }
}

/** It has missed what there was to hear. */
function lapse(local: Local, nowMs: number): void {
  local.isRead = false;
  local.readMs = nowMs;
}

function fence({ roles, knowledge }: Local, nowMs: number): void {
  for (const key of roles.takeFences(nowMs)) {
    const stream = knowledge.streams.get(key);
    if (stream !== undefined) roles.fence(stream);
  }
}

function elapse(local: Local, nowMs: number): void {
  const { knowledge, turns, sayings, push } = local;
  for (const nodeId of isInTouch(local) ? knowledge.takeSilent(nowMs) : []) {
    noteDeath(local, nodeId, nowMs);
    lose(local, nodeId, nowMs);
  }
  if (local.trial !== null && nowMs >= local.trial.untilMs) {
    local.trial = null;
    local.beatMs = nowMs;
    settleAll(local, nowMs, ({ dead }) => dead.length > 0);
  }
  for (const key of turns.take(nowMs)) {
    const stream = knowledge.streams.get(key);
    if (stream !== undefined) settle(local, stream, nowMs);
  }
  for (const key of sayings.take(nowMs)) {
    const stream = knowledge.streams.get(key);
    if (stream?.isUnsaid && isInTouch(local)) say(local, stream);
  }
  if (nowMs >= local.beatMs) beat(local, nowMs);
  if (nowMs < local.readMs) return;
  local.readMs = nowMs + (isInTouch(local) ? readEveryMs(local) : times.renewMs);
  local.readAskedMs = nowMs;
  push({ kind: 'read' });
}

/** What is heard without a gap is complete: reading only makes sure of it. */
const readEveryMs = ({ knowledge: { streams, nodes } }: Local): number =>
  times.readMs * Math.max(1, (streams.size * (nodes.size + 1)) / times.readPairs);

function beat(local: Local, nowMs: number): void {
  const { self, roles, push } = local;
  local.beatMs = nowMs + times.renewMs;
  announce(local);
  const claims = heldClaims(local);
  if (claims.length > 0) push({ kind: 'renew', claims, atMs: nowMs });
  const edges = [...roles.played.values()].map((stream) => edgeOf(stream, self.nodeId)).filter((edge) => edge !== null);
  if (edges.length > 0) push({ kind: 'announceEdges', edges });
}

/** Made where it is asked for: most of it hardly ever is, and there may be many streams. */
function viewOf({ self, knowledge }: Local): RegistryView {
  const { era, nodes, streams } = knowledge;
  return {
    era,
    get nodes() {
      return [self, ...nodes.values()];
    },
    get wanted() {
      return [...streams.values()].map(({ wanted }) => wanted).filter((wanted) => wanted !== null);
    },
    get claims() {
      return [...streams.values()].map(({ claim }) => claim).filter((claim) => claim !== null);
    },
    get edges() {
      return [...streams.values()].flatMap((stream) =>
        [...stream.edges.values(), edgeOf(stream, self.nodeId)].filter((edge) => edge !== null),
      );
    },
  };
}

const rolesOf = ({ roles: { played } }: Local): ReadonlyMap<string, Role> =>
  new Map(
    [...played].flatMap(([key, { role }]): readonly (readonly [string, Role])[] =>
      role === null ? [] : [[key, role]],
    ),
  );
