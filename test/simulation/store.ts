/** The registry of a simulation: linearizable, with leases, a feed of changes, and a way to lose what it holds. */
import { times } from '../../src/core/cluster/member.js';
import type {
  Claim,
  Edge,
  NodeRecord,
  RegistryChange,
  RegistryReading,
  Suspect,
  WantedStream,
} from '../../src/core/cluster/records.js';

interface Leased<T> {
  readonly value: T;
  readonly untilMs: number;
}

type Held<T> = Map<string, Leased<T>>;

/** What a copy on disk holds. */
interface Copy {
  readonly wanted: ReadonlyMap<string, WantedStream>;
  readonly claims: ReadonlyMap<string, Leased<Claim>>;
  readonly epochs: ReadonlyMap<string, number>;
}

export interface Store {
  isDown: boolean;
  /** By command. */
  readonly operations: Map<string, number>;
  readonly wanted: ReadonlyMap<string, WantedStream>;
  /** Nodes and what is wanted; claims and edges are read later: a reading takes many steps, and other things happen between them. */
  begin(): RegistryReading;
  finish(begun: RegistryReading): RegistryReading | null;
  announce(node: NodeRecord): string;
  withdraw(nodeId: string): void;
  want(stream: WantedStream): { readonly isGranted: boolean; readonly era: string };
  unwant(key: string, pullId: string): void;
  claim(wish: Omit<Claim, 'epoch' | 'shown'>, above: number): Claim;
  renew(nodeId: string, claims: readonly { readonly key: string; readonly epoch: number }[]): readonly boolean[];
  release(nodeId: string, key: string, epoch: number): void;
  follow(edges: readonly Edge[]): void;
  unfollow(key: string, nodeId: string): void;
  reportDeath(key: string, nodeId: string): void;
  /** The keys that this node has claims of. */
  claimedBy(nodeId: string): readonly string[];
  copy(): Copy;
  /** With what the copy has; null: with nothing. As it is emptied while it runs. */
  restart(copy: Copy | null): void;
}

export function createStore(
  nowMs: () => number,
  tell: (change: RegistryChange) => void,
  granted: (key: string, epoch: number) => void,
): Store {
  const nodes: Held<NodeRecord> = new Map();
  const claims: Held<Claim> = new Map();
  const edges: Held<Edge> = new Map();
  const wanted = new Map<string, WantedStream>();
  const epochs = new Map<string, number>();
  const suspects = new Map<string, Suspect>();
  const operations = new Map<string, number>();
  let era = 1;

  const lease = <T>(held: Held<T>, key: string, value: T): void =>
    void held.set(key, { value, untilMs: nowMs() + times.leaseMs });
  const live = <T>(held: Held<T>, key: string): T | undefined => {
    const one = held.get(key);
    return one !== undefined && one.untilMs > nowMs() ? one.value : undefined;
  };
  const all = <T>(held: Held<T>): readonly T[] => {
    for (const [key, { untilMs }] of held) if (untilMs <= nowMs()) held.delete(key);
    return [...held.values()].map(({ value }) => value);
  };
  const count = (name: string, times = 1): void => void operations.set(name, (operations.get(name) ?? 0) + times);
  const holds = (nodeId: string, key: string, epoch: number): boolean => {
    const claim = live(claims, key);
    return claim?.nodeId === nodeId && claim.epoch === epoch;
  };

  return {
    isDown: false,
    operations,
    wanted,
    begin() {
      count('read');
      return {
        era: `${era}`,
        clockMs: nowMs(),
        nodes: all(nodes),
        wanted: [...wanted.values()],
        suspects: [...suspects.values()],
        claims: [],
        edges: [],
      };
    },
    finish: (begun) => (begun.era === `${era}` ? { ...begun, claims: all(claims), edges: all(edges) } : null),
    announce(node) {
      count('announce');
      lease(nodes, node.nodeId, node);
      tell({ kind: 'node', nodeId: node.nodeId, node });
      return `${era}`;
    },
    withdraw(nodeId) {
      if (nodes.delete(nodeId)) tell({ kind: 'node', nodeId, node: null });
    },
    want(stream) {
      count('want');
      const there = wanted.get(stream.key);
      if (there !== undefined) return { isGranted: there.pullId === stream.pullId, era: `${era}` };
      wanted.set(stream.key, stream);
      tell({ kind: 'wanted', key: stream.key, wanted: stream, era: `${era}` });
      return { isGranted: true, era: `${era}` };
    },
    unwant(key, pullId) {
      count('unwant');
      if (wanted.get(key)?.pullId !== pullId) return;
      wanted.delete(key);
      tell({ kind: 'wanted', key, wanted: null, era: '' });
    },
    claim({ key, nodeId, pullId, name }, above) {
      count('claim');
      const now = live(claims, key);
      if (now !== undefined && (now.nodeId === nodeId ? now.epoch > above : now.epoch >= above)) return now;
      const remembered = Math.max(epochs.get(key) ?? 0, Math.floor(nowMs()));
      const epoch = Math.max(remembered, now?.epoch ?? 0, above) + 1;
      const claim = { key, nodeId, epoch, pullId, name, shown: '' };
      epochs.set(key, epoch);
      granted(key, epoch);
      lease(claims, key, claim);
      tell({ kind: 'claim', key, claim });
      return claim;
    },
    renew(nodeId, held) {
      count('renew');
      return held.map(({ key, epoch }) => {
        const claim = live(claims, key);
        if (claim === undefined || !holds(nodeId, key, epoch)) return false;
        lease(claims, key, claim);
        return true;
      });
    },
    release(nodeId, key, epoch) {
      count('release');
      if (!holds(nodeId, key, epoch)) return;
      claims.delete(key);
      tell({ kind: 'claim', key, claim: null });
    },
    follow(all) {
      count('follow');
      for (const edge of all) {
        const id = `${edge.key} ${edge.nodeId}`;
        const before = live(edges, id);
        lease(edges, id, edge);
        const isSame = before?.epoch === edge.epoch && before.parentId === edge.parentId && before.depth === edge.depth;
        if (!isSame) tell({ kind: 'edge', key: edge.key, nodeId: edge.nodeId, edge });
      }
    },
    unfollow(key, nodeId) {
      count('unfollow');
      if (edges.delete(`${key} ${nodeId}`)) tell({ kind: 'edge', key, nodeId, edge: null });
    },
    reportDeath(key, nodeId) {
      count('reportDeath');
      const dead = suspects.get(key)?.dead ?? [];
      if (dead.includes(nodeId)) return;
      const suspect = { key, dead: [...dead, nodeId], atMs: nowMs() };
      suspects.set(key, suspect);
      tell({ kind: 'suspect', key, suspect });
    },
    claimedBy: (nodeId) => all(claims).flatMap((claim) => (claim.nodeId === nodeId ? [claim.key] : [])),
    copy: () => ({ wanted: new Map(wanted), claims: new Map(claims), epochs: new Map(epochs) }),
    restart(copy) {
      era++;
      for (const held of [nodes, claims, edges, wanted, epochs, suspects]) held.clear();
      for (const [key, stream] of copy?.wanted ?? []) wanted.set(key, stream);
      for (const [key, claim] of copy?.claims ?? []) claims.set(key, claim);
      for (const [key, epoch] of copy?.epochs ?? []) epochs.set(key, epoch);
    },
  };
}
