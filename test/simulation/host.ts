/** One process of a simulation: a member, a driver that carries out its acts, and its streams. */
import type { Act, MemberEvent, RegistryAct } from '../../src/core/cluster/member.js';
import type { NodeRecord, RegistryReading } from '../../src/core/cluster/records.js';
import { createMember } from '../../src/core/cluster/state-machine.js';
import { registry } from './network.js';
import { createStreams } from './streams.js';
import type { Host, World } from './world.js';

const callTimeoutMs = 1000;
const capacity = 60;

export function createHost(world: World, nodeId: string): Host {
  const { schedule, network, store, hosts } = world;
  let isDraining = false;
  let isAlive = true;
  let isReachable = true;
  let pausedUntilMs = 0;
  let wakeMs = Number.POSITIVE_INFINITY;
  /** Changes come in the order in which they were made. */
  let feedMs = 0;
  let inbox: MemberEvent[] = [];

  const on = (event: MemberEvent): void => {
    if (!isAlive) return;
    if (isPaused()) return void inbox.push(event);
    for (const act of member.on(event, schedule.nowMs)) carryOut(act);
    wake();
  };
  const streams = createStreams(world, nodeId, on);
  const isPaused = (): boolean => schedule.nowMs < pausedUntilMs;
  const self = (): NodeRecord => {
    const free = Math.max(0, capacity - streams.played.size);
    const addresses = { http: '', ws: '', rtmp: nodeId };
    const room = { cpu: 5 * free, kbps: null, streams: free, viewers: 1000 };
    return { nodeId, name: nodeId, protocol: 1, label: '', addresses, room, isDraining, trialKey: null };
  };
  const member = createMember(self(), { maxChildren: world.maxChildren });

  const wake = (): void => {
    if (member.dueMs >= wakeMs) return;
    const dueMs = Math.max(schedule.nowMs, member.dueMs);
    wakeMs = dueMs;
    schedule.after(dueMs - schedule.nowMs, () => {
      if (wakeMs !== dueMs) return;
      wakeMs = Number.POSITIVE_INFINITY;
      on({ kind: 'time' });
    });
  };

  /** At the registry, and back. */
  const call = <T>(run: () => T, answer: (result: T) => MemberEvent | null): void => {
    const isCut = (): boolean => store.isDown || network.isCut(nodeId, registry) || network.losesCall();
    const fail = (): void =>
      schedule.after(callTimeoutMs, () => {
        isReachable = false;
        on({ kind: 'reachable', isReachable: false });
      });
    schedule.after(network.delayMs(), () => {
      if (!isAlive || isCut()) return fail();
      const event = answer(run());
      if (isCut()) return fail();
      schedule.after(network.delayMs(), () => {
        // What was begun in one registry and ended in another one counts as not answered.
        const isAnswered = event?.kind !== 'reachable';
        if (isAnswered && !isReachable) on({ kind: 'reachable', isReachable: true });
        isReachable = isAnswered;
        if (event !== null) on(event);
      });
    });
  };
  /** In two steps; it fails where the registry was started anew between them. */
  const read = (askedAtMs: number): void => {
    let begun: RegistryReading | null = null;
    const finish = (): MemberEvent | null => {
      const view = begun === null ? null : store.finish(begun);
      return view === null ? { kind: 'reachable', isReachable: false } : { kind: 'view', view, askedAtMs };
    };
    call(store.begin, (view) => {
      begun = view;
      schedule.after(50 * world.random(), () => call(finish, (event) => event));
      return null;
    });
  };
  const nothing = (): null => null;

  const carryOut = (act: Act): void => {
    if (act.kind === 'own' || act.kind === 'follow' || act.kind === 'end') streams.play(act);
    else ask(act);
  };
  const ask = (act: RegistryAct): void => {
    const askedAtMs = schedule.nowMs;
    switch (act.kind) {
      case 'read':
        read(askedAtMs);
        break;
      case 'announce':
        schedule.after(0, () => on({ kind: 'self', node: self() }));
        call(
          () => store.announce(act.node),
          (era) => ({ kind: 'announced', act, era }),
        );
        break;
      case 'want':
        call(
          () => store.want(act.stream),
          ({ isGranted, era }) => ({ kind: 'wanted', act, isGranted, era }),
        );
        break;
      case 'unwant':
        call(() => store.unwant(act.key, act.pullId), nothing);
        break;
      case 'claim': {
        const { key, pullId, name, above } = act;
        call(
          () => store.claim({ key, nodeId, pullId, name }, above),
          (claim) => ({ kind: 'claimed', act, claim }),
        );
        break;
      }
      case 'renew':
        call(
          () => store.renew(nodeId, act.claims),
          (held) => ({ kind: 'renewed', act, held }),
        );
        break;
      case 'release':
        call(() => store.release(nodeId, act.key, act.epoch), nothing);
        break;
      case 'announceEdges':
        call(() => store.follow(act.edges), nothing);
        break;
      case 'withdrawEdge':
        call(() => store.unfollow(act.key, nodeId), nothing);
        break;
      case 'reportDeath':
        call(() => store.reportDeath(act.key, act.nodeId), nothing);
        break;
    }
  };

  const host: Host = {
    nodeId,
    streams,
    get isDraining() {
      return isDraining;
    },
    get isPaused() {
      return isPaused();
    },
    get known() {
      return member.known;
    },
    on,
    hear(change) {
      if (network.isCut(nodeId, registry) || network.losesChange()) return;
      feedMs = Math.max(feedMs, schedule.nowMs + network.delayMs());
      schedule.after(feedMs - schedule.nowMs, () => on({ kind: 'change', change }));
    },
    drain() {
      isDraining = true;
      on({ kind: 'self', node: self() });
    },
    pause(forMs) {
      pausedUntilMs = Math.max(pausedUntilMs, schedule.nowMs + forMs);
      schedule.after(pausedUntilMs - schedule.nowMs, () => {
        if (isPaused()) return;
        const events = inbox;
        inbox = [];
        for (const event of events) on(event);
      });
    },
    reconnect() {
      isReachable = true;
      on({ kind: 'reachable', isReachable: true });
    },
    kill() {
      if (!isAlive) return;
      isAlive = false;
      const keysOf = (wants: 'own' | 'follow') =>
        [...streams.played].flatMap(([key, { kind }]) => (kind === wants ? [key] : []));
      world.judge.died(new Set([...keysOf('own'), ...store.claimedBy(nodeId)]), keysOf('follow'));
      hosts.delete(nodeId);
      streams.drop();
    },
  };
  hosts.set(nodeId, host);
  schedule.after(0, () => on({ kind: 'time' }));
  return host;
}
