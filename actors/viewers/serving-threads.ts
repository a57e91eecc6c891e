/** The threads that serve the viewers of one stream, its own and shards, and who sits on which. */
import type { ShardSample, ThreadLoad } from '../../src/core/supervise/shard-policy.js';
import type { DepartedTotals } from './sent-totals.js';
import type { ShardLink } from './shard-link.js';

export interface Seat {
  readonly viewerId: string;
}

export interface ServingThread {
  readonly id: number;
  /** Null: the stream's own thread. */
  readonly link: ShardLink | null;
  readonly seats: Set<Seat>;
}

interface ShardThread extends ServingThread {
  readonly link: ShardLink;
}

export interface ServingThreads {
  readonly local: ServingThread;
  readonly shards: readonly ShardThread[];
  find(id: number): ServingThread | undefined;
  add(id: number, link: ShardLink): void;
  /** The shard is none any more; undefined: it has gone already. */
  depart(id: number): ShardThread | undefined;
  /** The viewer sits elsewhere from now on, or, with null, nowhere. */
  reseat(seat: Seat, thread: ServingThread | null): void;
  /** As the policy looks at them; `merging`: none is placed on this one any more, and none but it is moved. */
  samples(localLoad: ThreadLoad, merging: ServingThread | null): readonly ShardSample[];
}

/**
 * Another thread can go on with all of its viewers, and nobody else gets their port meanwhile. Of the port that all streams share
 * no socket is held: its inbox goes to another thread where its own one is gone, not while that lives.
 */
const canMove = ({ link, seats }: ServingThread): boolean =>
  link !== null &&
  [...seats].every(({ viewerId }) => link.kept.has(viewerId)) &&
  link.kept.all.every(({ port }) => port.sockets.every(({ udp }) => udp >= 0));

/** `departed` takes over the totals of those that are gone. */
export function createServingThreads(departed: DepartedTotals): ServingThreads {
  const local: ServingThread = { id: 0, link: null, seats: new Set() };
  let shards: readonly ShardThread[] = [];
  const all = (): readonly ServingThread[] => [local, ...shards];

  return {
    local,
    get shards() {
      return shards;
    },
    find: (id) => all().find((one) => one.id === id),
    add(id, link) {
      shards = [...shards, { id, link, seats: new Set() }];
    },
    depart(id) {
      const shard = shards.find((one) => one.id === id);
      shards = shards.filter((one) => one !== shard);
      if (shard === undefined) return undefined;
      departed.addSent(shard.link.lastTotals.sent);
      departed.addDatagrams(shard.link.lastTotals.datagrams);
      return shard;
    },
    reseat(seat, thread) {
      for (const { seats } of all()) seats.delete(seat);
      thread?.seats.add(seat);
    },
    samples: (localLoad, merging) =>
      all()
        .filter((thread) => thread !== merging)
        .map((thread) => ({
          id: thread.id,
          viewers: thread.seats.size,
          load: thread.link?.load ?? localLoad,
          canMove: merging === null && canMove(thread),
        })),
  };
}
