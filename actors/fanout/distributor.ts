/**
 * Brings one encoding's packets to its subscriptions: those at the live edge in slices (slices.ts), those that catch up by
 * the pacer, and reports to all of them.
 */
import { type Estimates, summarise } from '../../src/core/bandwidth/shared-estimate.js';
import type { DatagramCounts } from '../stats.js';
import type { Distribution } from './distribution.js';
import { createPacer } from './pacer.js';
import { createSlices } from './slices.js';
import type { TrackKind } from './subscriber.js';
import { type LeftSubscription, Subscription, type SubscriptionOptions } from './subscription.js';

const reportIntervalMs = 1000;
/** The reports of an interval are spread over it: those of 1,000 viewers at once are 30 ms of work. */
const reportTicks = 20;

export interface Distributor {
  /** `state`: where another distributor of the same stream left off. */
  join(options: SubscriptionOptions, state: LeftSubscription | null): Subscription;
  /** The bandwidth estimates of its viewers; null: there is none. */
  readonly estimates: Estimates | null;
  /** New packets stand in the history of this track. */
  published(track: TrackKind): void;
  /** Still there after `close`. */
  readonly datagrams: DatagramCounts;
  readonly heldBytes: number;
  /** Says BYE to all. */
  close(): void;
}

export function createDistributor(distribution: Distribution): Distributor {
  const { fanout, audioHistory, videoHistory, nowMs } = distribution;
  const subscriptions = new Set<Subscription>();
  const pacer = createPacer<Subscription>(nowMs, (subscription) => subscription.pace());
  const slices = createSlices({ fanout, audioHistory, videoHistory, nowMs });

  const owner = {
    distribution,
    pacer,
    remove(subscription: Subscription): void {
      subscriptions.delete(subscription);
      pacer.remove(subscription);
    },
  };

  let reportsDue = 0;
  const reporter = setInterval(() => {
    reportsDue += subscriptions.size / reportTicks;
    for (const subscription of subscriptions) {
      if (reportsDue < 1) break;
      reportsDue -= 1;
      // To the end: the next tick begins with the one behind.
      subscriptions.delete(subscription);
      subscriptions.add(subscription);
      subscription.report();
    }
  }, reportIntervalMs / reportTicks);

  return {
    join(options, state) {
      const subscription = new Subscription(owner, options, state);
      subscriptions.add(subscription);
      return subscription;
    },
    get estimates() {
      return summarise([...subscriptions].flatMap(({ estimateBps }) => estimateBps ?? []));
    },
    published(track) {
      if (track === 'video') for (const subscription of subscriptions) subscription.videoPublished();
      slices.published();
    },
    get datagrams() {
      return fanout.datagrams;
    },
    get heldBytes() {
      return fanout.heldBytes;
    },
    close() {
      clearInterval(reporter);
      pacer.close();
      slices.close();
      for (const subscription of [...subscriptions]) subscription.leave();
      fanout.close();
    },
  };
}
