/** What must hold at every moment of a simulation, and what must hold when all is quiet. */
import { times } from '../../src/core/cluster/member.js';
import type { Host } from './world.js';

export interface Judge {
  /** What was broken, in words. */
  readonly faults: readonly string[];
  owned(nodeId: string, key: string, epoch: number): void;
  granted(key: string, epoch: number): void;
  linked(nodeId: string, key: string, epoch: number, parentId: string): void;
  ended(nodeId: string, key: string, viewers: number): void;
  /** As all are now. */
  sample(): void;
  /** A node died while it owned, or followed, these. */
  died(owned: Iterable<string>, followed: Iterable<string>): void;
  /** How many nodes died while they had it: its owners, and edges at about the same time as one of them. */
  deaths(): ReadonlyMap<string, number>;
  /** It was terminated by its user. */
  terminated(key: string): void;
  fault(what: string): void;
}

/** That a node died is noticed by its silence, and so some seconds early or late. */
const togetherMs = 6000;
/** Who was replaced has not renewed since: it has learned of it by then, or is fenced. */
const learnMs = times.fenceMs;

export function createJudge(nowMs: () => number, hosts: ReadonlyMap<string, Host>): Judge {
  const faults: string[] = [];
  const owners = new Map<string, string>();
  const accepted = new Map<string, number>();
  /** The newest claim of each stream, and since when it is good. */
  const grants = new Map<string, { readonly epoch: number; readonly atMs: number }>();
  const terminated = new Set<string>();
  const ownersDiedMs = new Map<string, readonly number[]>();
  const edgesDiedMs = new Map<string, readonly number[]>();
  const fault = (what: string): void => void faults.push(`${(nowMs() / 1000).toFixed(3)} s: ${what}`);

  return {
    faults,
    fault,
    owned(nodeId, key, epoch) {
      if (epoch === 0) return;
      const owner = owners.get(`${key} ${epoch}`) ?? nodeId;
      owners.set(`${key} ${epoch}`, owner);
      if (owner !== nodeId) fault(`${key} is owned in epoch ${epoch} by ${owner} and by ${nodeId}`);
    },
    granted: (key, epoch) => void grants.set(key, { epoch, atMs: nowMs() }),
    linked(nodeId, key, epoch, parentId) {
      const grant = grants.get(key);
      const isOwner = hosts.get(parentId)?.streams.played.get(key)?.kind === 'own';
      if (isOwner && epoch > 0 && grant !== undefined && epoch < grant.epoch && nowMs() > grant.atMs + learnMs) {
        fault(`${parentId} lets ${nodeId} in to ${key} in epoch ${epoch}, when ${grant.epoch} was granted`);
      }
      const highest = accepted.get(`${key} ${nodeId}`) ?? 0;
      accepted.set(`${key} ${nodeId}`, Math.max(highest, epoch));
      if (epoch > 0 && epoch < highest) fault(`${nodeId} takes ${key} in epoch ${epoch} after ${highest}`);
      const way = wayOf(hosts, parentId, key);
      if (way.includes(nodeId)) fault(`${nodeId} takes ${key} from itself, by ${way.join(', ')}`);
    },
    sample() {
      for (const { nodeId, streams, isPaused } of hosts.values()) {
        for (const [key, { kind, epoch }] of streams.played) {
          const grant = grants.get(key);
          const isOld = grant !== undefined && epoch < grant.epoch && nowMs() > grant.atMs + learnMs;
          if (kind === 'own' && epoch > 0 && isOld && !isPaused) {
            fault(`${nodeId} serves ${key} in epoch ${epoch}, when ${grant.epoch} was granted`);
          }
        }
      }
    },
    ended(nodeId, key, viewers) {
      if (viewers > 0 && !terminated.has(key)) fault(`${viewers} viewers of ${key} at ${nodeId} are ended`);
    },
    died(owned, followed) {
      for (const key of owned) ownersDiedMs.set(key, [...(ownersDiedMs.get(key) ?? []), nowMs()]);
      for (const key of followed) edgesDiedMs.set(key, [...(edgesDiedMs.get(key) ?? []), nowMs()]);
    },
    deaths: () =>
      new Map(
        [...ownersDiedMs].map(([key, owners]): [string, number] => {
          const edges = edgesDiedMs.get(key) ?? [];
          const together = edges.filter((edge) => owners.some((owner) => Math.abs(owner - edge) <= togetherMs));
          return [key, owners.length + together.length];
        }),
      ),
    terminated: (key) => void terminated.add(key),
  };
}

/** From a host to where its stream comes from, by links that are there. */
function wayOf(hosts: ReadonlyMap<string, Host>, nodeId: string, key: string): readonly string[] {
  const way = [nodeId];
  for (;;) {
    const one = hosts.get(way.at(-1) ?? '')?.streams.played.get(key);
    if (!one?.isUp || one.parentId === null || way.includes(one.parentId)) return way;
    way.push(one.parentId);
  }
}

/** Its source's media gets there. */
export function hasMedia(hosts: ReadonlyMap<string, Host>, nodeId: string, key: string): boolean {
  const last = hosts.get(wayOf(hosts, nodeId, key).at(-1) ?? '');
  const one = last?.streams.played.get(key);
  return one?.kind === 'own' && one.isUp;
}

export const depthOf = (hosts: ReadonlyMap<string, Host>, nodeId: string, key: string): number =>
  wayOf(hosts, nodeId, key).length - 1;
