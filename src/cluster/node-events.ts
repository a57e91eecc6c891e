/** What happens at a node of a cluster, told to whoever logs and counts it. */
import type { MemberEvent, StreamAct } from '../core/cluster/member.js';
import type { Claim, NodeRecord, RegistryView } from '../core/cluster/records.js';
import type { ClusterEvent } from './cluster-state.js';
import type { ClusterView } from './contract.js';

type LastRole =
  | { readonly kind: 'owner'; readonly epoch: number }
  | { readonly kind: 'edge'; readonly epoch: number; readonly parentId: string };

export interface NodeEvents {
  onEvent(listener: (event: ClusterEvent) => void): void;
  tell(event: ClusterEvent): void;
  /** What the registry says is about to be known. */
  heard(event: MemberEvent): void;
  /** Its protocol is not spoken here: it is left out. */
  refuse(node: NodeRecord): void;
  /** An act is about to be carried out. */
  acting(act: StreamAct, known: ClusterView, pullId: string): void;
  /** Others may be in quarantine than before. */
  quarantineKnown(known: ClusterView, nowMs: number): void;
  /** Nodes may have come or gone. */
  nodesKnown(nodes: ClusterView['nodes']): void;
}

export function createNodeEvents(nodeId: string): NodeEvents {
  const listeners: ((event: ClusterEvent) => void)[] = [];
  const roles = new Map<string, LastRole>();
  /** Of each stream the node that had it last, as long as it is wanted or claimed. */
  const owners = new Map<string, string>();
  const refused = new Set<string>();
  /** Of each stream in quarantine how many nodes had died of it when that was told. */
  const deathsTold = new Map<string, number>();
  let hasJoined = false;
  /** All but this one. */
  let others: ReadonlyMap<string, NodeRecord> | null = null;

  const tell = (event: ClusterEvent): void => {
    for (const listener of listeners) listener(event);
  };
  /** Of this node's own it is told when it has it. */
  const note = ({ key, nodeId: owner }: Pick<Claim, 'key' | 'nodeId'>): void => {
    if (owner !== nodeId) owners.set(key, owner);
  };
  const nameOf = (id: string, { nodes }: ClusterView): string => nodes.get(id)?.name ?? others?.get(id)?.name ?? id;

  const owning = (key: string, epoch: number, known: ClusterView, pullId: string): void => {
    const before = roles.get(key);
    const was = before?.kind === 'owner' ? before.epoch : 0;
    if (epoch === 0 && was > 0) tell({ kind: 'fenced', key, pullId, epoch: was });
    if (epoch > 0 && epoch !== was) {
      const owner = owners.get(key);
      const from = owner === undefined || owner === nodeId ? null : nameOf(owner, known);
      tell({ kind: 'claimed', key, pullId, epoch, from });
      owners.set(key, nodeId);
    }
    // What is fenced has its epoch still, as far as it is told.
    roles.set(key, { kind: 'owner', epoch: epoch > 0 ? epoch : was });
  };
  const following = (key: string, epoch: number, parentId: string, known: ClusterView, pullId: string): void => {
    const before = roles.get(key);
    if (before?.kind === 'owner') {
      const owner = known.claims.get(key)?.nodeId ?? parentId;
      tell({ kind: 'gaveWay', key, pullId, epoch, to: nameOf(owner, known) });
    } else if (before !== undefined && (before.epoch !== epoch || before.parentId !== parentId)) {
      tell({ kind: 'linkMoved', key, pullId, epoch, parentId: nameOf(parentId, known) });
    }
    roles.set(key, { kind: 'edge', epoch, parentId });
  };

  const read = ({ claims, wanted, nodes }: RegistryView): void => {
    const live = new Set([...wanted, ...claims].map(({ key }) => key));
    for (const key of owners.keys()) if (!live.has(key)) owners.delete(key);
    for (const claim of claims) note(claim);
    if (!hasJoined) tell({ kind: 'joined', nodeId, nodes: nodes.length });
    hasJoined = true;
  };

  return {
    onEvent: (listener) => void listeners.push(listener),
    tell,
    heard(event) {
      if (event.kind === 'view') read(event.view);
      if (event.kind === 'change' && event.change.kind === 'claim' && event.change.claim !== null) {
        note(event.change.claim);
      }
    },
    refuse({ nodeId: id, name, protocol }) {
      if (refused.has(id)) return;
      refused.add(id);
      tell({ kind: 'refusedNode', nodeId: id, name, protocol });
    },
    acting(act, known, pullId) {
      if (act.kind === 'own') owning(act.key, act.epoch, known, pullId);
      else if (act.kind === 'follow') following(act.key, act.epoch, act.parentId, known, pullId);
      else roles.delete(act.key);
    },
    quarantineKnown({ quarantined, wanted }, nowMs) {
      for (const key of deathsTold.keys()) if (!quarantined.has(key)) deathsTold.delete(key);
      for (const [key, { deaths, untilMs }] of quarantined) {
        if (deaths <= (deathsTold.get(key) ?? 0)) continue;
        deathsTold.set(key, deaths);
        const { pullId = '' } = wanted.get(key) ?? {};
        tell({ kind: 'quarantined', key, pullId, deaths, forMs: Math.max(0, Math.round(untilMs - nowMs)) });
      }
    },
    nodesKnown(nodes) {
      const now = new Map(nodes);
      now.delete(nodeId);
      for (const [id, { name }] of now) if (others?.has(id) === false) tell({ kind: 'nodeCame', nodeId: id, name });
      for (const [id, { name, isDraining }] of others ?? []) {
        if (!now.has(id)) tell({ kind: isDraining ? 'nodeLeft' : 'nodeLost', nodeId: id, name });
      }
      others = now;
    },
  };
}
