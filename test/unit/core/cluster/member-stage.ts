/** A member in a cluster of three, and what it does. Time is what a test says. */
import { type Act, type Member, type MemberEvent, times } from '../../../../src/core/cluster/member.js';
import { rankOf } from '../../../../src/core/cluster/placement.js';
import type { Claim, Edge, NodeRecord, RegistryReading, WantedStream } from '../../../../src/core/cluster/records.js';
import { createMember } from '../../../../src/core/cluster/state-machine.js';

export const node = (nodeId: string, isDraining = false, streams = 100): NodeRecord => ({
  nodeId,
  name: nodeId,
  protocol: 1,
  label: '',
  addresses: { http: '', ws: '', rtmp: '' },
  room: { cpu: 10_000, kbps: null, streams, viewers: 100 },
  isDraining,
  trialKey: null,
});
export const nodes = ['a', 'b', 'c'].map((nodeId) => node(nodeId));
export const wanted = (key: string, pullId = `pull ${key}`): WantedStream => ({
  key,
  pullId,
  name: null,
  label: '',
  sealed: '',
});
export const claim = (key: string, nodeId: string, epoch: number): Claim => ({
  key,
  nodeId,
  epoch,
  pullId: `pull ${key}`,
  name: null,
  shown: '',
});
export const edge = (key: string, nodeId: string, epoch: number, parentId: string, depth = 1): Edge => ({
  key,
  nodeId,
  epoch,
  parentId,
  depth,
  viewers: 1,
});
export const viewOf = (parts: Partial<RegistryReading>): RegistryReading => ({
  era: '1',
  nodes,
  wanted: [],
  claims: [],
  edges: [],
  suspects: [],
  clockMs: 0,
  ...parts,
});

/** A key of which this node comes `rank`-th among the three. */
export function keyOfRank(nodeId: string, rank: number): string {
  for (let at = 0; at < 1000; at++) {
    const key = `k${at}`;
    if (rankOf(node(nodeId), nodes, { key, label: '' }) === rank) return key;
  }
  throw new Error('There is none');
}

export interface Staged {
  readonly member: Member;
  nowMs: number;
  /** What comes of it, but for announcements and readings. */
  on(event: MemberEvent): readonly Act[];
  /** Its clock goes on, with all that is due on the way; the other nodes are heard of, unless they are silent. */
  wait(ms: number): readonly Act[];
  readonly silent: Set<string>;
  /** The claims that it asked for are granted under this epoch. */
  grant(acts: readonly Act[], epoch: number): readonly Act[];
  /** All that it renews is held, or not. */
  renew(acts: readonly Act[], isHeld: boolean): readonly Act[];
}

const isQuiet = ({ kind }: Act): boolean => kind === 'announce' || kind === 'read';

/** `a`, of three. It was in touch for long when the test begins. */
export function stage(parts: Partial<RegistryReading> = {}): Staged {
  const member = createMember(node('a'), { maxChildren: 2 });
  const staged: Staged = {
    member,
    nowMs: 0,
    silent: new Set(),
    on: (event) => member.on(event, staged.nowMs).filter((act) => !isQuiet(act)),
    wait(ms) {
      const untilMs = staged.nowMs + ms;
      const acts: Act[] = [];
      for (;;) {
        const nextMs = Math.min(member.dueMs, Math.floor(staged.nowMs / 1000) * 1000 + 1000);
        if (nextMs > untilMs) break;
        staged.nowMs = Math.max(staged.nowMs, nextMs);
        for (const other of nodes.slice(1)) {
          if (staged.nowMs % 1000 !== 0 || staged.silent.has(other.nodeId)) continue;
          acts.push(...staged.on({ kind: 'change', change: { kind: 'node', nodeId: other.nodeId, node: other } }));
        }
        acts.push(...staged.on({ kind: 'time' }));
      }
      staged.nowMs = untilMs;
      return acts;
    },
    grant: (acts, epoch) =>
      acts.flatMap((act) =>
        act.kind === 'claim' ? staged.on({ kind: 'claimed', act, claim: claim(act.key, 'a', epoch) }) : [],
      ),
    renew: (acts, isHeld) =>
      acts.flatMap((act) =>
        act.kind === 'renew' ? staged.on({ kind: 'renewed', act, held: act.claims.map(() => isHeld) }) : [],
      ),
  };
  member.on({ kind: 'time' }, 0);
  member.on({ kind: 'view', view: viewOf(parts), askedAtMs: 0 }, 0);
  staged.wait(2 * times.renewMs);
  return staged;
}

/** It owns this stream, since a moment ago. */
export function owning(key: string, epoch = 7): Staged {
  const staged = stage();
  const asked = staged.on({ kind: 'change', change: { kind: 'wanted', key, wanted: wanted(key), era: '1' } });
  staged.grant([...asked, ...staged.wait(2 * times.turnMs)], epoch);
  return staged;
}

/** It plays this stream of `b` for viewers of its own. */
export function following(key: string, epoch = 7): Staged {
  const staged = stage();
  staged.on({ kind: 'change', change: { kind: 'wanted', key, wanted: wanted(key), era: '1' } });
  staged.on({ kind: 'change', change: { kind: 'claim', key, claim: claim(key, 'b', epoch) } });
  staged.on({ kind: 'needed', key, viewers: 1, demand: null });
  return staged;
}

export const kinds = (acts: readonly Act[]): readonly string[] =>
  acts.map((act) => (act.kind === 'own' || act.kind === 'follow' ? `${act.kind} ${act.epoch}` : act.kind));
