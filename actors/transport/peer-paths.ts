/** The paths of one peer: the addresses that it has proved to be its own, and the one that media goes to. */
import {
  type CandidatePairs,
  createCandidatePairs,
  type ValidatedAddress,
} from '../../src/core/ice/candidate-pairs.js';
import type { Credentials, PeerAddress } from '../session-record.js';
import type { PeerAim } from './receiver.js';
import type { RemotePath } from './route.js';

/** An address that a peer had proved to another thread. */
export interface KnownAddress extends Pick<PeerAddress, 'priority' | 'nominated'> {
  readonly remote: RemotePath;
}

export interface PeerPathsOptions {
  /** Of a peer that is connected already, the one that media goes to last; null: a new peer. */
  readonly known: readonly KnownAddress[] | null;
  readonly nowMs: () => number;
  /** `target` was looked at again; `isOther`: it has changed. */
  readonly onAimed: (isOther: boolean) => void;
  /** An address has been proved that was none of them. */
  readonly onProved: () => void;
  /** The address with this key is none of them any more. */
  readonly onForgotten: (key: string) => void;
}

/** By TCP, which takes a descriptor: a browser opens one for each of its own addresses. The oldest makes room. */
const maxConnections = 4;

export interface PeerPaths extends Pick<CandidatePairs, 'connected' | 'lastCheckMs'> {
  readonly target: RemotePath | null;
  /** Those by UDP, the target last. */
  readonly addresses: readonly PeerAddress[];
  has(key: string): boolean;
  /** Something came from there a moment ago. */
  isLively(key: string): boolean;
  /** A valid check came from there. */
  check(remote: RemotePath, priority: number, nominates: boolean): void;
  /** A valid check came from the target, as those before it. */
  checkAgain(): void;
  /** Something of the peer's own came from there. */
  heard(key: string): void;
  forget(key: string): void;
  /** Forgets what had no check for so long, and looks at the clock. */
  expire(maxAgeMs: number): void;
  /** Null: checks from the target are no usual ones. They are by UDP, of an address that is nominated, and not in an ICE restart. */
  aimWith(credentials: readonly Credentials[]): PeerAim | null;
  close(): void;
}

export function createPeerPaths(options: PeerPathsOptions): PeerPaths {
  const { known, nowMs } = options;
  const ice = createCandidatePairs();
  const remotes = new Map<string, RemotePath>();
  let target = known === null ? null : restore(known, ice, remotes, nowMs());

  const aim = (): void => {
    const key = ice.target(nowMs());
    const next = key === null ? null : (remotes.get(key) ?? null);
    const isOther = next?.key !== target?.key;
    if (isOther) target = next;
    options.onAimed(isOther);
  };

  /** The peer no longer uses the address. */
  const drop = (key: string): void => {
    remotes.get(key)?.close();
    remotes.delete(key);
    options.onForgotten(key);
  };

  /** The newest one and the one in use stay. */
  const boundConnections = (newest: string): void => {
    const connections = [...remotes.values()].filter(({ route }) => route === null);
    if (connections.length <= maxConnections) return;
    const oldest = connections.find(({ key }) => key !== newest && key !== target?.key);
    if (oldest === undefined) return;
    ice.forget(oldest.key);
    drop(oldest.key);
  };

  return {
    get target() {
      return target;
    },
    get addresses() {
      return addressesOf(ice.addresses, remotes, target);
    },
    get lastCheckMs() {
      return ice.lastCheckMs;
    },
    connected: ice.connected,
    has: (key) => remotes.has(key),
    isLively: (key) => ice.isLively(key, nowMs()),
    check(remote, priority, nominates) {
      const evicted = ice.check(remote.key, remote.address, priority, nominates, nowMs());
      const isNew = !remotes.has(remote.key);
      remotes.set(remote.key, remote);
      if (isNew) options.onProved();
      if (isNew && remote.route === null) boundConnections(remote.key);
      if (evicted !== null) drop(evicted);
      aim();
    },
    checkAgain() {
      const pair = target === null ? null : ice.pairOf(target.key);
      if (target === null || pair === null) return;
      ice.check(target.key, target.address, pair.priority, pair.nominated, nowMs());
      aim();
    },
    heard(key) {
      ice.heard(key, nowMs());
      aim();
    },
    forget(key) {
      ice.forget(key);
      remotes.delete(key);
      aim();
    },
    expire(maxAgeMs) {
      for (const key of ice.expire(maxAgeMs, nowMs())) drop(key);
      aim();
    },
    aimWith(all) {
      const pair = target === null ? null : ice.pairOf(target.key);
      const [credentials] = all;
      if (target === null || target.route === null || pair === null || credentials === undefined) return null;
      return pair.nominated && all.length === 1 ? { target, priority: pair.priority, credentials } : null;
    },
    close() {
      for (const remote of remotes.values()) remote.close();
    },
  };
}

/** What the peer had proved to another thread counts from now on. Gives the last one: where media goes. */
function restore(
  known: readonly KnownAddress[],
  ice: Pick<CandidatePairs, 'check' | 'heard' | 'connected'>,
  remotes: Map<string, RemotePath>,
  nowMs: number,
): RemotePath | null {
  for (const { remote, priority, nominated } of known) {
    ice.check(remote.key, remote.address, priority, nominated, nowMs);
    ice.heard(remote.key, nowMs);
    remotes.set(remote.key, remote);
  }
  ice.connected();
  return known.at(-1)?.remote ?? null;
}

function addressesOf(
  validated: readonly ValidatedAddress[],
  remotes: ReadonlyMap<string, RemotePath>,
  target: RemotePath | null,
): readonly PeerAddress[] {
  const known = validated.flatMap(({ key, priority, nominated }): readonly PeerAddress[] => {
    const route = remotes.get(key)?.route;
    if (!route) return [];
    const { localAddress, address, port } = route;
    return [{ localAddress, address, port, priority, nominated, isTarget: key === target?.key }];
  });
  return known.sort((a, b) => Number(a.isTarget) - Number(b.isTarget));
}
