/** What the streams of a node ask of its driver: who wants a stream, who plays it here, and what became of it. */
import { freeStreams } from '../core/cluster/placement.js';
import type { NodeRecord } from '../core/cluster/records.js';
import { SluiceError } from '../errors.js';
import type { ClusterNode, Playing } from './contract.js';
import { elsewhere } from './known.js';
import type { NodeKnowledge } from './node-knowledge.js';
import type { NodeLoop } from './node-loop.js';
import type { Registry, WantRefusal } from './registry.js';

interface NodeDoorOptions {
  readonly registry: Pick<Registry, 'rewant'>;
  readonly loop: Pick<NodeLoop, 'feed' | 'view' | 'roles'>;
  readonly knowledge: NodeKnowledge;
  readonly self: () => NodeRecord;
  /** The registry was read, or is known to be away: before that nothing is taken. */
  readonly settled: Promise<void>;
}

type Asked = 'want' | 'rewant' | 'unwant' | 'play' | 'demand' | 'taken' | 'playing' | 'linkLost' | 'show' | 'delayed';

export interface NodeDoor {
  readonly asked: Pick<ClusterNode, Asked>;
  /** The registry is asked for this pull. */
  asking(pullId: string): void;
  /** Null: it is wanted, or this node takes it until the registry can be asked. */
  answered(pullId: string, refusal: WantRefusal | null): void;
  /** All that is to be done now is done. */
  look(): void;
}

/** How long a stream on demand may take to be anybody's. */
const demandMs = 2000;

interface Wish {
  readonly settle: (refusal: WantRefusal | null) => void;
  isAsked: boolean;
}

export function createNodeDoor({ registry, loop, knowledge, self, settled }: NodeDoorOptions): NodeDoor {
  const { feed } = loop;
  const wishes = new Map<string, Wish>();
  const waits = new Set<() => void>();
  const takers = new Map<string, number>();

  const answered = (pullId: string, refusal: WantRefusal | null): void => {
    const wish = wishes.get(pullId);
    wishes.delete(pullId);
    wish?.settle(refusal);
  };
  const need = (key: string, viewers: number): void => {
    const demand = knowledge.demandOf(key);
    const known = demand === null ? null : { pullId: demand.pullId, name: demand.name };
    feed({ kind: 'needed', key, viewers, demand: known });
  };

  const leave = (key: string): void => {
    takers.delete(key);
    need(key, 0);
    knowledge.forgetDemand(key);
  };

  /** Null: here, or nowhere yet. One that is full sends people on as long as there is anybody to send them to. */
  const sentOn = (key: string): Playing | null => {
    const { nodeId, room, isDraining } = self();
    const isFull = isDraining || room.viewers === 0 || (!loop.roles.has(key) && freeStreams(self()) === 0);
    const node = isFull ? elsewhere(loop.view, key, nodeId) : null;
    return node === null ? null : { kind: 'elsewhere', node };
  };
  const come = (key: string): Playing | null => {
    const sent = sentOn(key);
    if (sent !== null) return sent;
    need(key, Math.max(1, takers.get(key) ?? 0));
    return loop.roles.has(key) ? { kind: 'here' } : null;
  };
  const whenHere = (key: string): Promise<Playing> =>
    new Promise((resolve, reject) => {
      if (loop.view.quarantined.has(key)) return reject(new SluiceError('stream.quarantined'));
      const look = (): void => {
        if (!loop.roles.has(key)) return;
        clearTimeout(late);
        waits.delete(look);
        resolve({ kind: 'here' });
      };
      const late = setTimeout(() => {
        waits.delete(look);
        const node = elsewhere(loop.view, key, self().nodeId);
        if (node === null) reject(new SluiceError('pull.limit', 'no node of the cluster takes it'));
        else resolve({ kind: 'elsewhere', node });
      }, demandMs);
      waits.add(look);
    });

  return {
    asking(pullId) {
      const wish = wishes.get(pullId);
      if (wish !== undefined) wish.isAsked = true;
    },
    answered,
    look() {
      for (const [pullId, { isAsked }] of wishes) if (!isAsked) answered(pullId, null);
      for (const look of waits) look();
    },
    asked: {
      async want(stream) {
        await settled;
        const refusal = await new Promise<WantRefusal | null>((settle) => {
          wishes.set(stream.pullId, { settle, isAsked: false });
          feed({ kind: 'want', stream });
        });
        if (refusal !== null) throw new SluiceError(refusal);
      },
      async rewant(stream) {
        const refusal = await registry.rewant(stream);
        if (refusal !== null) throw new SluiceError(refusal);
      },
      async unwant(key) {
        feed({ kind: 'unwant', key });
      },
      play(key) {
        const playing = come(key);
        if (playing !== null) return playing;
        return { kind: loop.view.wanted.has(key) || loop.view.claims.has(key) ? 'unowned' : 'unknown' };
      },
      async demand(stream) {
        await settled;
        const { key } = stream;
        knowledge.demanded(stream);
        try {
          return come(key) ?? (await whenHere(key));
        } finally {
          // Nobody waits for it any more: it is not to be claimed for nobody later.
          if (!loop.roles.has(key) && !takers.has(key)) leave(key);
        }
      },
      taken(key, count) {
        if (count === 0) return leave(key);
        takers.set(key, count);
        need(key, count);
      },
      playing: (key) => feed({ kind: 'playing', key }),
      linkLost: (key, parentId) => feed({ kind: 'linkLost', key, parentId }),
      show: knowledge.show,
      delayed: knowledge.delayed,
    },
  };
}
