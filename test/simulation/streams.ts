/** The streams of a host as other nodes see them: pulled from their source, or by a link from another host. */
import type { MemberEvent, StreamAct } from '../../src/core/cluster/member.js';
import { hasMedia } from './judge.js';
import type { HostStreams, Played, World } from './world.js';

const redialMs = 500;
const idleMs = 4000;

interface Streams extends HostStreams {
  play(act: StreamAct): void;
  /** The process is gone, with all of its links. */
  drop(): void;
}

export function createStreams(world: World, nodeId: string, tell: (event: MemberEvent) => void): Streams {
  const { schedule, network, hosts, judge, random, poisons } = world;
  const played = new Map<string, Played>();
  const viewers = new Map<string, number>();
  const sources = new Set<string>();
  const told = new Map<string, string>();

  const serves = (key: string): number | null => {
    const one = played.get(key);
    return one === undefined || (one.kind === 'follow' && one.epoch === 0) ? null : one.epoch;
  };
  const childrenOf = (key: string): readonly { streams: HostStreams; child: Played }[] => {
    const children: { streams: HostStreams; child: Played }[] = [];
    for (const { streams } of hosts.values()) {
      const child = streams.played.get(key);
      if (child?.isUp && child.parentId === nodeId) children.push({ streams, child });
    }
    return children;
  };
  const closeOthers = (key: string): void => {
    for (const { streams, child } of childrenOf(key)) {
      if (child.epoch !== serves(key)) streams.linkClosed(key, nodeId);
    }
  };

  const swallow = (key: string, one: Played): void => {
    const afterMs = poisons.get(key);
    if (afterMs === undefined) return;
    schedule.after(afterMs, () => {
      if (played.get(key) === one && one.isUp && hasMedia(hosts, nodeId, key)) world.crash(nodeId);
    });
  };
  const dialSource = (key: string, one: Played): void => {
    schedule.after(100 + 500 * random(), () => {
      if (played.get(key) !== one) return;
      one.isUp = true;
      tell({ kind: 'playing', key });
      swallow(key, one);
    });
  };
  const dial = (key: string, one: Played, parentId: string): void => {
    schedule.after(2 * network.delayMs(), () => {
      if (played.get(key) !== one || one.isUp) return;
      const parent = hosts.get(parentId);
      const isThere = parent !== undefined && !parent.isPaused && !network.isCut(nodeId, parentId);
      if (isThere && parent.streams.serves(key) === one.epoch) {
        one.isUp = true;
        judge.linked(nodeId, key, one.epoch, parentId);
        swallow(key, one);
        return parent.streams.recount(key);
      }
      schedule.after(isThere ? 1 : 1000, () => {
        if (played.get(key) !== one || one.isUp) return;
        tell({ kind: 'linkLost', key, parentId });
        schedule.after(redialMs, () => dial(key, one, parentId));
      });
    });
  };
  const leave = (key: string): void => {
    const parentId = played.get(key)?.parentId;
    if (typeof parentId === 'string') schedule.after(1, () => hosts.get(parentId)?.streams.recount(key));
  };

  const streams: Streams = {
    played,
    viewers,
    serves,
    knowsSource: (key) => sources.has(key) && viewers.has(key),
    watch(key, count, isSourceKnown) {
      if (count === 0) viewers.delete(key);
      else viewers.set(key, count);
      if (isSourceKnown) sources.add(key);
      streams.recount(key);
    },
    recount(key) {
      const takers = (viewers.get(key) ?? 0) + childrenOf(key).length;
      const demand = sources.has(key) && viewers.has(key) ? { pullId: `${nodeId} ${key}`, name: null } : null;
      if (takers > 0) {
        const state = `${takers} ${demand === null}`;
        if (told.get(key) !== state) tell({ kind: 'needed', key, viewers: takers, demand });
        told.set(key, state);
      } else if (told.has(key)) {
        told.delete(key);
        schedule.after(idleMs, () => {
          if (!told.has(key)) tell({ kind: 'needed', key, viewers: 0, demand: null });
        });
      }
    },
    linkClosed(key, parentId) {
      const one = played.get(key);
      if (one?.parentId !== parentId || !one.isUp) return;
      one.isUp = false;
      schedule.after(network.delayMs(), () => {
        if (played.get(key) !== one) return;
        tell({ kind: 'linkLost', key, parentId });
        dial(key, one, parentId);
      });
    },
    play(act) {
      const { key } = act;
      const before = played.get(key);
      if (act.kind === 'own') {
        judge.owned(nodeId, key, act.epoch);
        if (before?.kind === 'own') before.epoch = act.epoch;
        else {
          leave(key);
          const one: Played = { kind: 'own', epoch: act.epoch, parentId: null, isUp: false };
          played.set(key, one);
          dialSource(key, one);
        }
      } else {
        leave(key);
        played.delete(key);
      }
      if (act.kind === 'follow') {
        const one: Played = { kind: 'follow', epoch: act.epoch, parentId: act.parentId, isUp: false };
        played.set(key, one);
        dial(key, one, act.parentId);
      }
      if (act.kind === 'end') {
        judge.ended(nodeId, key, viewers.get(key) ?? 0);
        viewers.delete(key);
        sources.delete(key);
        told.delete(key);
      }
      closeOthers(key);
    },
    drop() {
      const keys = [...played.keys()];
      played.clear();
      for (const key of keys) closeOthers(key);
    },
  };
  return streams;
}
