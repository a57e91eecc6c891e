/**
 * One node of a cluster: drives its state machine (core/cluster/member.ts) with real time, the registry and the streams of this
 * process. What the machine wants of the streams happens at once and in its order; calls of the registry go out in its order, and
 * their answers come as they come.
 */
import type { Act, Member, MemberEvent, StreamAct } from '../core/cluster/member.js';
import { freeStreams } from '../core/cluster/placement.js';
import type { NodeRecord } from '../core/cluster/records.js';
import { createMember } from '../core/cluster/state-machine.js';
import type { ClusterState, HeldStream } from './cluster-state.js';
import type { ClusterNode, ClusterView, NodeStreams } from './contract.js';
import { clusterView } from './known.js';
import { createNodeBooks } from './node-books.js';
import { createNodeDoor } from './node-door.js';
import { createNodeStory } from './node-story.js';
import { isSpoken } from './protocol.js';
import type { Registry } from './registry.js';
import { createRegistryCalls } from './registry-calls.js';

interface NodeOptions {
  readonly registry: Registry;
  /** As it is now. */
  readonly self: () => Omit<NodeRecord, 'isDraining'>;
  readonly maxChildren: number;
  /** Monotonic; it runs on while the process is stopped. */
  readonly nowMs: () => number;
}

interface RunningNode {
  /** For the streams of this process. */
  readonly node: ClusterNode;
  /** For people. */
  readonly state: ClusterState;
  /** Nothing is asked of the registry, and nothing of the streams, before. Resolves when the registry was read, or gives no answer. */
  start(streams: NodeStreams): Promise<void>;
  /** Gives back what it holds, and leaves: nobody has to wait for the end of a lease. */
  close(): Promise<void>;
}

/** How often the room of this node is looked at. */
const measureMs = 1000;

export function createClusterNode({ registry, self, maxChildren, nowMs }: NodeOptions): RunningNode {
  const { nodeId, name } = self();
  const story = createNodeStory(nodeId);
  const callListeners: ((durationMs: number, isAnswered: boolean) => void)[] = [];
  const changeListeners: ((key: string | null) => void)[] = [];
  const acts: Act[] = [];
  let streams: NodeStreams | null = null;
  let isActing = false;
  let isDraining = false;
  let known: { readonly view: ClusterView; readonly roles: Member['roles'] } | null = null;
  let measuredMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  /** Told when all that this node held is another's. */
  const handedOver = new Set<() => void>();
  /** Told when the registry was read, or found to be away. */
  let onSettled = (): void => {};

  const record = (): NodeRecord => ({ ...self(), isDraining });
  const member = createMember(record(), { maxChildren });
  const now = () => {
    known ??= { view: clusterView(member.known), roles: member.roles };
    return known;
  };
  const view = (): ClusterView => now().view;
  const roles = (): Member['roles'] => now().roles;
  const books = createNodeBooks(view);

  /** Streams may answer an act by an event: what comes of that is carried out after what came before it. */
  const feed = (event: MemberEvent): void => {
    const heard = spoken(event, story.refuse);
    if (streams === null || heard === null) return;
    books.heard(heard);
    story.heard(heard);
    acts.push(...member.on(heard, nowMs()));
    known = null;
    if (!isActing) carryOutAll(streams);
    const changed = changedBy(heard);
    if (changed !== undefined) for (const listener of changeListeners) listener(changed);
  };
  const carryOutAll = (player: NodeStreams): void => {
    isActing = true;
    for (let act = acts.shift(); act !== undefined; act = acts.shift()) carryOut(act, player);
    isActing = false;
    story.nodesKnown(view().nodes);
    door.look();
    if (isDraining && isHandedOver()) for (const resolve of handedOver) resolve();
    if (!member.isDegraded || calls.unreachableSinceMs !== null) onSettled();
    clearTimeout(timer);
    timer = setTimeout(tick, Math.max(0, Math.min(measureMs, member.dueMs - nowMs())));
  };
  const measure = (): void => {
    measuredMs = nowMs();
    feed({ kind: 'self', node: record() });
  };
  const tick = (): void => {
    if (nowMs() - measuredMs >= measureMs) measure();
    feed({ kind: 'time' });
  };

  const calls = createRegistryCalls({
    nodeId,
    registry,
    nowMs,
    books,
    feed,
    onWanted: (pullId, refusal) => door.answered(pullId, refusal),
    tell: story.tell,
    onCall(durationMs, isAnswered) {
      for (const listener of callListeners) listener(durationMs, isAnswered);
    },
  });
  const door = createNodeDoor({ registry, roles, books, view, self: record, feed });

  const carryOut = (act: Act, player: NodeStreams): void => {
    if (act.kind === 'want') door.asking(act.stream.pullId);
    if (act.kind === 'own' || act.kind === 'follow' || act.kind === 'end') play(act, player);
    else calls.carryOut(act);
  };
  const play = (act: StreamAct, player: NodeStreams): void => {
    const { key } = act;
    const [stream, claim] = [books.sourceOf(key), books.claimOf(key)];
    const parent = act.kind === 'follow' ? view().nodes.get(act.parentId) : undefined;
    story.acting(act, view(), books.identityOf(key).pullId);
    if (act.kind === 'end') player.end(key);
    else if (act.kind === 'own' && stream !== null) player.own(stream, act.epoch);
    else if (act.kind === 'own') return;
    else if (claim !== null && parent !== undefined) player.follow({ ...claim, epoch: act.epoch }, parent);
    // A node of which nothing else is known yet.
    else feed({ kind: 'linkLost', key, parentId: act.parentId });
  };

  const held = (): readonly HeldStream[] =>
    [...roles()].flatMap(([key, role]) => {
      if (role.kind !== 'owner') return [];
      return [{ key, pullId: books.identityOf(key).pullId, epoch: role.epoch, isFenced: role.isFenced }];
    });
  const isHandedOver = (): boolean => {
    const others = [...view().nodes.values()].filter((other) => other.nodeId !== nodeId && freeStreams(other) > 0);
    return held().length === 0 || others.length === 0;
  };
  const drain = (isOn: boolean): void => {
    isDraining = isOn;
    measure();
  };

  return {
    node: {
      ...door.asked,
      nodeId,
      view: {
        get nodes() {
          return view().nodes;
        },
        get wanted() {
          return view().wanted;
        },
        get claims() {
          return view().claims;
        },
        edgesOf: (key) => view().edgesOf(key),
      },
      get isReachable() {
        return !member.isDegraded;
      },
      onChange: (listener) => void changeListeners.push(listener),
    },
    state: {
      nodeId,
      name,
      get httpUrl() {
        return self().addresses.http;
      },
      view: () => member.known,
      held,
      get unreachableSinceMs() {
        return calls.unreachableSinceMs;
      },
      onEvent: story.onEvent,
      onCall: (listener) => void callListeners.push(listener),
      handOver: () =>
        new Promise((resolve) => {
          handedOver.add(resolve);
          drain(true);
        }),
      takeAgain: () => drain(false),
    },
    start(player) {
      streams = player;
      registry.onChange((change) => feed({ kind: 'change', change }));
      // The registry was read before, or is read now, but what happened between is not known.
      registry.onGap(() => {
        if (calls.unreachableSinceMs === null) feed({ kind: 'reachable', isReachable: true });
      });
      return new Promise((resolve) => {
        onSettled = resolve;
        tick();
      });
    },
    async close() {
      const owned = held();
      streams = null;
      clearTimeout(timer);
      const edges = [...roles()].filter(([, { kind }]) => kind === 'edge');
      await Promise.allSettled([
        ...owned.map(({ key, epoch }) => registry.release({ key, nodeId, epoch })),
        ...edges.map(([key]) => registry.unfollow(key, nodeId)),
        registry.withdraw(nodeId),
      ]);
      await registry.close();
    },
  };
}

/** Without nodes whose protocol is another one; null: there is nothing left of it. */
function spoken(event: MemberEvent, refuse: (node: NodeRecord) => void): MemberEvent | null {
  const isTaken = (node: NodeRecord): boolean => {
    if (!isSpoken(node)) refuse(node);
    return isSpoken(node);
  };
  if (event.kind === 'view') {
    const { era, nodes, wanted, claims, edges } = event.view;
    const view = { era, nodes: nodes.filter(isTaken), wanted, claims, edges };
    return { kind: 'view', view, askedAtMs: event.askedAtMs };
  }
  if (event.kind !== 'change' || event.change.kind !== 'node' || event.change.node === null) return event;
  return isTaken(event.change.node) ? event : null;
}

/** The key of the stream of which something else is known now; null: of any; undefined: nothing is. */
function changedBy(event: MemberEvent): string | null | undefined {
  if (event.kind === 'view') return null;
  if (event.kind !== 'change') return undefined;
  return event.change.kind === 'node' ? null : event.change.key;
}
