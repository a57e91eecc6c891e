/**
 * One node of a cluster: drives its state machine (core/cluster/member.ts) with real time, the registry and the streams of this
 * process. What the machine wants of the streams happens at once and in its order; calls of the registry go out in its order, and
 * their answers come as they come.
 */
import type { Act, Member, MemberEvent, StreamAct } from '../core/cluster/member.js';
import type { NodeRecord } from '../core/cluster/records.js';
import type { ClusterState, HeldStream } from './cluster-state.js';
import type { ClusterNode, NodeStreams } from './contract.js';
import { createNodeDoor } from './node-door.js';
import { createNodeEvents, type NodeEvents } from './node-events.js';
import { createHandOver } from './node-hand-over.js';
import { createNodeKnowledge, type NodeKnowledge } from './node-knowledge.js';
import { createNodeLoop } from './node-loop.js';
import { spoken } from './protocol.js';
import type { Registry } from './registry.js';
import { createRegistryCalls } from './registry-calls.js';
import { createSharedRevocations, type SharedRevocations } from './shared-revocations.js';

interface NodeOptions {
  readonly registry: Registry;
  /** As it is now. */
  readonly self: () => Omit<NodeRecord, 'isDraining' | 'trialKey'>;
  readonly maxChildren: number;
  /** Monotonic; it runs on while the process is stopped. */
  readonly nowMs: () => number;
}

interface RunningNode {
  /** For the streams of this process. */
  readonly node: ClusterNode;
  /** For people. */
  readonly state: ClusterState;
  readonly revocations: SharedRevocations;
  /** Nothing is asked of the registry, and nothing of the streams, before. Resolves when the registry was read, or gives no answer. */
  start(streams: NodeStreams): Promise<void>;
  /** Gives back what it holds, and leaves: nobody has to wait for the end of a lease. */
  close(): Promise<void>;
}

export function createClusterNode({ registry, self, maxChildren, nowMs }: NodeOptions): RunningNode {
  const { nodeId, name } = self();
  const events = createNodeEvents(nodeId);
  const callListeners: ((durationMs: number, isAnswered: boolean) => void)[] = [];
  const changeListeners: ((key: string | null) => void)[] = [];
  let onSettled = (): void => {};
  const settled = new Promise<void>((resolve) => {
    onSettled = resolve;
  });
  let streams: NodeStreams | null = null;
  const record = (): NodeRecord => ({ ...self(), isDraining: drain.isDraining, trialKey: null });
  const carryOut = (act: Act): void => {
    if (act.kind === 'want') door.asking(act.stream.pullId);
    if (act.kind === 'own' || act.kind === 'follow' || act.kind === 'end') play(act);
    else calls.carryOut(act);
  };
  const onDone = (event: MemberEvent): void => {
    if (isOfNodes(event)) events.nodesKnown(loop.view.nodes);
    if (isOfSuspects(event)) events.quarantineKnown(loop.view, nowMs());
    door.look();
    drain.look();
    if (!loop.member.isDegraded || calls.unreachableSinceMs !== null) onSettled();
    const changed = changedBy(event);
    if (changed !== undefined) for (const listener of changeListeners) listener(changed);
  };
  const held = (): readonly HeldStream[] => heldOf(loop.roles, knowledge);
  const drain = createHandOver({ nodeId, held, loop: () => loop });
  const loop = createNodeLoop({ self: record, maxChildren, nowMs, carryOut, onDone });
  const knowledge = createNodeKnowledge(() => loop.view);
  const hear = (event: MemberEvent): void => {
    const heard = spoken(event, events.refuse);
    if (heard === null) return;
    knowledge.heard(heard);
    events.heard(heard);
    loop.feed(heard);
  };
  const revocations = createSharedRevocations({ registry, nowS: () => Date.now() / 1000 });
  const calls = createRegistryCalls({
    nodeId,
    registry,
    nowMs,
    knowledge,
    feed: hear,
    onWanted: (pullId, refusal) => door.answered(pullId, refusal),
    onRevoked: revocations.read,
    tell: events.tell,
    onCall(durationMs, isAnswered) {
      for (const listener of callListeners) listener(durationMs, isAnswered);
    },
  });
  const door = createNodeDoor({ registry, loop, knowledge, self: record, settled });

  const play = (act: StreamAct): void => {
    const { key } = act;
    const [stream, claim] = [knowledge.sourceOf(key), knowledge.claimOf(key)];
    const parent = act.kind === 'follow' ? loop.view.nodes.get(act.parentId) : undefined;
    events.acting(act, loop.view, knowledge.identityOf(key).pullId);
    if (act.kind === 'end') {
      knowledge.ended(key);
      streams?.end(key);
    } else if (act.kind === 'own' && stream !== null) streams?.own(stream, act.epoch);
    else if (act.kind === 'own') return;
    else if (claim !== null && parent !== undefined) streams?.follow({ ...claim, epoch: act.epoch }, parent);
    // A node of which nothing else is known yet.
    else loop.feed({ kind: 'linkLost', key, parentId: act.parentId });
  };
  const leave = async (): Promise<void> => {
    loop.stop();
    await releaseClaims(registry, nodeId, loop.roles);
    await registry.close();
  };

  return {
    node: {
      ...door.asked,
      nodeId,
      get view() {
        return loop.view;
      },
      get isReachable() {
        return !loop.member.isDegraded;
      },
      onChange: (listener) => void changeListeners.push(listener),
    },
    state: {
      nodeId,
      name,
      get httpUrl() {
        return self().addresses.http;
      },
      view: () => loop.member.known,
      held,
      quarantined: () => loop.view.quarantined,
      get unreachableSinceMs() {
        return calls.unreachableSinceMs;
      },
      onEvent: events.onEvent,
      onCall: (listener) => void callListeners.push(listener),
      handOver: drain.handOver,
      takeAgain: drain.takeAgain,
    },
    revocations: revocations.shared,
    start(player) {
      streams = player;
      registry.onChange((change) => hear({ kind: 'change', change }));
      // What happened before it is heard again is not known; nor does anybody wait for the next call to find out that it is there.
      registry.onGap(() => {
        if (calls.unreachableSinceMs === null) hear({ kind: 'reachable', isReachable: true });
        else calls.carryOut({ kind: 'read' });
      });
      loop.start();
      events.onEvent(({ kind }) => {
        if (kind === 'joined') void tellPolicy(registry, events);
      });
      return settled;
    },
    close: leave,
  };
}

async function releaseClaims(registry: Registry, nodeId: string, roles: Member['roles']): Promise<void> {
  const calls = [...roles].map(([key, role]) =>
    role.kind === 'owner' ? registry.release({ key, nodeId, epoch: role.epoch }) : registry.unfollow(key, nodeId),
  );
  await Promise.allSettled([...calls, registry.withdraw(nodeId)]);
}

/** One that drops what it holds to get room would drop what is wanted. */
async function tellPolicy(registry: Registry, events: Pick<NodeEvents, 'tell'>): Promise<void> {
  const policy = await registry.evictionPolicy().catch(() => null);
  if (policy !== null && policy !== 'noeviction') events.tell({ kind: 'registryEvicts', policy });
}

const heldOf = (roles: Member['roles'], { identityOf }: Pick<NodeKnowledge, 'identityOf'>): readonly HeldStream[] =>
  [...roles].flatMap(([key, role]) => {
    if (role.kind !== 'owner') return [];
    return [{ key, pullId: identityOf(key).pullId, epoch: role.epoch, isFenced: role.isFenced }];
  });

/** Nodes may have come or gone. */
const isOfNodes = (event: MemberEvent): boolean =>
  event.kind === 'view' || event.kind === 'time' || (event.kind === 'change' && event.change.kind === 'node');

const isOfSuspects = (event: MemberEvent): boolean =>
  event.kind === 'view' || (event.kind === 'change' && event.change.kind === 'suspect');

/** The key of the stream of which something else is known now; null: of any; undefined: nothing is. */
function changedBy(event: MemberEvent): string | null | undefined {
  if (event.kind === 'view') return null;
  if (event.kind !== 'change') return undefined;
  if (event.change.kind !== 'node') return event.change.key;
  // Each node announces itself every 2 s: nothing is known of streams by that.
  return event.change.node === null ? null : undefined;
}
