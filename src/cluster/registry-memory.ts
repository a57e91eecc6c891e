/** The registry in the memory of this process: what Redis does (redis-scripts.ts), for nodes that live in one process. */
import { times } from '../core/cluster/member.js';
import { deathsKeptMs } from '../core/cluster/quarantine.js';
import type { Claim, Edge, NodeRecord, RegistryChange, Suspect } from '../core/cluster/records.js';
import type { Revocation } from '../core/guard/passes.js';
import { createMemoryTokens } from './memory-tokens.js';
import { createMemoryWanted } from './memory-wanted.js';
import { deadKept, epochKeptMs, type Registry } from './registry.js';

interface MemoryRegistry {
  /** For one more node. */
  open(): Registry;
  /** All that it holds is gone. */
  flush(): void;
}

/** What ends by itself; nobody is told. */
interface Leases<T> {
  clear(): void;
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): boolean;
  values(): T[];
}

/** `bornMs`: what a clock says when `nowMs` is 0; it is later than in any life before. */
export function createMemoryRegistry(nowMs: () => number, bornMs: number): MemoryRegistry {
  const nodes = createLeases<NodeRecord>(nowMs, times.leaseMs);
  const claims = createLeases<Claim>(nowMs, times.leaseMs);
  const edges = createLeases<Edge>(nowMs, times.leaseMs);
  const epochs = createLeases<number>(nowMs, epochKeptMs);
  const suspects = createLeases<Suspect>(nowMs, deathsKeptMs);
  const revoked = new Map<string, Revocation & { readonly endMs: number }>();
  const [changes, revocations] = [createListeners<RegistryChange>(), createListeners<Revocation>()];
  const { tell } = changes;
  let flushes = 0;

  const clockMs = (): number => bornMs + Math.floor(nowMs());
  const era = (): string => `${bornMs}.${flushes}`;
  const wanted = createMemoryWanted(era, tell);
  const tokens = createMemoryTokens(nowMs, (nodeId) => nodes.get(nodeId) !== undefined);
  const isHeld = ({ key, nodeId, epoch }: Pick<Claim, 'key' | 'nodeId' | 'epoch'>): boolean => {
    const now = claims.get(key);
    return now?.nodeId === nodeId && now.epoch === epoch;
  };

  const shared: Omit<Registry, 'onChange' | 'onGap' | 'onRevoked' | 'close' | 'isReachable'> = {
    read: async () => ({
      era: era(),
      nodes: nodes.values(),
      wanted: wanted.all(),
      claims: claims.values(),
      edges: edges.values(),
      revoked: [...revoked.values()].flatMap(({ id, untilS, endMs }) => (endMs > nowMs() ? [{ id, untilS }] : [])),
      suspects: suspects.values(),
      clockMs: clockMs(),
    }),
    want: async (stream) => ({ refusal: wanted.want(stream), era: era() }),
    rewant: async (stream) => wanted.rewant(stream),
    unwant: async (key, pullId) => wanted.unwant(key, pullId),
    async announce(node) {
      nodes.set(node.nodeId, node);
      tell({ kind: 'node', nodeId: node.nodeId, node });
      return era();
    },
    async withdraw(nodeId) {
      if (nodes.delete(nodeId)) tell({ kind: 'node', nodeId, node: null });
    },
    async claim(wish, above) {
      const { key, nodeId, pullId, name, shown } = wish;
      const now = claims.get(key);
      if (now?.nodeId === nodeId && now.epoch > above) return now;
      if (now !== undefined && now.nodeId !== nodeId && now.epoch >= above) return now;
      const epoch = Math.max(epochs.get(key) ?? 0, clockMs(), now?.epoch ?? 0, above) + 1;
      const claim = { key, nodeId, epoch, pullId, name, shown };
      claims.set(key, claim);
      epochs.set(key, epoch);
      tell({ kind: 'claim', key, claim });
      return claim;
    },
    renew: async (all) =>
      all.map((claim) => {
        if (!isHeld(claim)) return false;
        const { key, epoch } = claim;
        const isAsBefore = isSame(claims.get(key), claim);
        claims.set(key, claim);
        epochs.set(key, epoch);
        if (!isAsBefore) tell({ kind: 'claim', key, claim });
        return true;
      }),
    async release(claim) {
      if (!isHeld(claim)) return;
      claims.delete(claim.key);
      tell({ kind: 'claim', key: claim.key, claim: null });
    },
    async follow(all) {
      for (const edge of all) {
        const { key, nodeId } = edge;
        const isAsBefore = isSame(edges.get(edgeKey(key, nodeId)), edge);
        edges.set(edgeKey(key, nodeId), edge);
        if (!isAsBefore) tell({ kind: 'edge', key, nodeId, edge });
      }
    },
    async unfollow(key, nodeId) {
      if (edges.delete(edgeKey(key, nodeId))) tell({ kind: 'edge', key, nodeId, edge: null });
    },
    async revoke({ id, untilS }, forMs) {
      revoked.set(id, { id, untilS, endMs: nowMs() + forMs });
      revocations.tell({ id, untilS });
    },
    async reportDeath(key, nodeId) {
      const dead = suspects.get(key)?.dead ?? [];
      if (dead.includes(nodeId)) return;
      const suspect = { key, dead: [...dead, nodeId].slice(-deadKept), atMs: clockMs() };
      suspects.set(key, suspect);
      tell({ kind: 'suspect', key, suspect });
    },
    ...tokens.calls,
    evictionPolicy: async () => 'noeviction',
  };

  return {
    flush() {
      for (const held of [nodes, claims, edges, epochs, suspects, wanted, revoked, tokens]) held.clear();
      flushes++;
    },
    open() {
      const [changed, revokedNow] = [changes.open(), revocations.open()];
      return {
        ...shared,
        isReachable: true,
        onChange: changed.on,
        onRevoked: revokedNow.on,
        // Nothing is ever missed.
        onGap: () => {},
        async close() {
          for (const heard of [changed, revokedNow]) heard.close();
        },
      };
    },
  };
}

/** Who is told of what, each in a turn of its own. */
function createListeners<T>() {
  const listeners = new Set<(one: T) => void>();
  return {
    tell(one: T): void {
      for (const listener of listeners) queueMicrotask(() => listener(one));
    },
    open() {
      let onOne: (one: T) => void = () => {};
      const listener = (one: T): void => onOne(one);
      listeners.add(listener);
      return {
        on(wants: (one: T) => void): void {
          onOne = wants;
        },
        close: () => void listeners.delete(listener),
      };
    },
  };
}

function createLeases<T>(nowMs: () => number, leaseMs: number): Leases<T> {
  const held = new Map<string, { readonly value: T; readonly untilMs: number }>();
  const get = (key: string): T | undefined => {
    const one = held.get(key);
    if (one === undefined || one.untilMs > nowMs()) return one?.value;
    held.delete(key);
    return undefined;
  };
  return {
    get,
    clear: () => held.clear(),
    set: (key, value) => void held.set(key, { value, untilMs: nowMs() + leaseMs }),
    delete: (key) => get(key) !== undefined && held.delete(key),
    values: () => [...held.keys()].flatMap((key) => get(key) ?? []),
  };
}

const edgeKey = (key: string, nodeId: string): string => `${key} ${nodeId}`;
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
