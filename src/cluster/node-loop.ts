/** Feeds what happens to a node's state machine, at the latest when something is due, and has carried out what it wants, in its order. */
import type { Act, Member, MemberEvent } from '../core/cluster/member.js';
import type { NodeRecord } from '../core/cluster/records.js';
import { createMember } from '../core/cluster/state-machine.js';
import type { ClusterView } from './contract.js';
import { clusterView } from './known.js';

interface NodeLoopOptions {
  /** This node as it is now. */
  readonly self: () => NodeRecord;
  readonly maxChildren: number;
  readonly nowMs: () => number;
  readonly carryOut: (act: Act) => void;
  /** All acts of this event are carried out, and those of the events that they caused. */
  readonly onDone: (event: MemberEvent) => void;
}

export interface NodeLoop {
  feed(event: MemberEvent): void;
  /** This node is another one than before. */
  measure(): void;
  start(): void;
  stop(): void;
  /** As it is now. */
  readonly view: ClusterView;
  readonly roles: Member['roles'];
  readonly member: Pick<Member, 'known' | 'isDegraded'>;
}

/** How often the room of this node is looked at. */
const measureMs = 1000;

export function createNodeLoop({ self, maxChildren, nowMs, carryOut, onDone }: NodeLoopOptions): NodeLoop {
  const member = createMember(self(), { maxChildren });
  const acts: Act[] = [];
  let isStarted = false;
  let isActing = false;
  let measuredMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let view: ClusterView | null = null;
  let roles: Member['roles'] | null = null;

  /** Streams may answer an act by an event: what comes of that is carried out after what came before it. */
  const feed = (event: MemberEvent): void => {
    if (!isStarted) return;
    acts.push(...member.on(event, nowMs()));
    view = null;
    roles = null;
    if (isActing) return;
    isActing = true;
    for (let act = acts.shift(); act !== undefined; act = acts.shift()) carryOut(act);
    isActing = false;
    onDone(event);
    clearTimeout(timer);
    timer = setTimeout(tick, Math.max(0, Math.min(measureMs, member.dueMs - nowMs())));
  };
  const measure = (): void => {
    measuredMs = nowMs();
    feed({ kind: 'self', node: self() });
  };
  const tick = (): void => {
    if (nowMs() - measuredMs >= measureMs) measure();
    feed({ kind: 'time' });
  };

  return {
    feed,
    measure,
    member,
    start() {
      isStarted = true;
      tick();
    },
    stop() {
      isStarted = false;
      clearTimeout(timer);
    },
    get view() {
      view ??= clusterView(member);
      return view;
    },
    get roles() {
      roles ??= member.roles;
      return roles;
    },
  };
}
