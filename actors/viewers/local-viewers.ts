/**
 * The viewers that the stream's own thread serves: those that joined here, at one port, and those of threads that died, each lot at
 * the port that it had there.
 */
import type { SentTrack } from '../../src/core/codec/audio-encoding.js';
import type { JoinRequest } from '../contract.js';
import type { HandOver } from '../session-record.js';
import { DepartedTotals } from './sent-totals.js';
import type { ShardStats } from './shard-contract.js';
import type { Viewer } from './viewer.js';
import { createViewers, type Viewers, type ViewersOptions } from './viewers.js';

export interface LocalViewersOptions extends ViewersOptions {
  /** The codecs are known: whoever is sent the stream is sent the right encoding. */
  readonly isMediaKnown: () => boolean;
}

export interface LocalViewers extends Pick<Viewers, 'abandon' | 'close' | 'reconsider'> {
  join(request: JoinRequest): Promise<Viewer>;
  /** As Viewers.resume; they are sent packets as soon as the media is known. */
  takeOver(handOver: HandOver, sameHistories: boolean, onResumed: (viewer: Viewer) => void): Promise<void>;
  published(track: SentTrack): void;
  /** Of each lot. */
  readonly stats: readonly ShardStats[];
  /** As Viewers.heldBytes, of all. */
  readonly heldBytes: number;
}

const statsOf = ({ fanout, sent, datagrams, stats, renditions }: Viewers): ShardStats => ({
  fanout,
  sent,
  datagrams,
  viewers: stats,
  renditions,
});

export function createLocalViewers(options: LocalViewersOptions): LocalViewers {
  const { departed } = options;
  // Each lot counts for itself what it has sent.
  const openLot = (): Viewers => createViewers({ ...options, departed: new DepartedTotals() });
  const joined = openLot();
  let adopted: readonly Viewers[] = [];
  const waiting = new Set<Viewer>();
  const all = (): readonly Viewers[] => [joined, ...adopted];

  /** Where the viewers of a port go on: where new ones join, as long as none has. */
  const placeFor = (): Viewers => {
    if (!joined.isOpen) return joined;
    for (const { sent, datagrams } of adopted.filter(({ isOpen }) => !isOpen)) {
      departed.addSent(sent);
      departed.addDatagrams(datagrams);
    }
    const place = openLot();
    adopted = [...adopted.filter(({ isOpen }) => isOpen), place];
    return place;
  };

  const deliver = (): void => {
    for (const viewer of waiting) viewer.deliver();
    waiting.clear();
  };

  return {
    join: joined.join,
    takeOver: (handOver, sameHistories, onResumed) =>
      placeFor().resume(handOver, sameHistories, (viewer) => {
        onResumed(viewer);
        waiting.add(viewer);
        if (options.isMediaKnown()) deliver();
      }),
    published(track) {
      if (waiting.size > 0 && options.isMediaKnown()) deliver();
      for (const viewers of all()) viewers.published(track);
    },
    reconsider() {
      for (const viewers of all()) viewers.reconsider();
    },
    get stats() {
      return all().map(statsOf);
    },
    get heldBytes() {
      return all().reduce((sum, viewers) => sum + viewers.heldBytes, 0);
    },
    async abandon() {
      await Promise.all(all().map((viewers) => viewers.abandon()));
    },
    async close() {
      await Promise.all(all().map((viewers) => viewers.close()));
    },
  };
}
