/**
 * The fan-out: from the packets of one stream, made once, to datagrams for each viewer. This is the interface of both
 * implementations; how viewers join, fall behind and catch up is the distributor's business.
 */
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import type { DatagramCounts } from '../stats.js';
import type { Subscriber, SubscriberOptions, SubscriberState, TrackKind } from './subscriber.js';

export type Histories = Readonly<Record<TrackKind, PacketReader>>;

export interface Fanout {
  readonly kind: 'js' | 'native';
  /** The cursors start at the ends of the histories, or where `state` left off. */
  add(options: SubscriberOptions, state?: SubscriberState): Subscriber;
  /**
   * Sends to each subscriber from its cursor to packet `end` of the history, exclusive, beginning with number `from`, until
   * all are served or `budgetMs` is used up. Gives the number to go on with, or null when all are served.
   */
  serve(track: TrackKind, from: number, end: number, budgetMs: number): number | null;
  /** Of all subscribers, those that left included; still there after `close`. */
  readonly datagrams: DatagramCounts;
  /** Memory of its own beside V8's. */
  readonly heldBytes: number;
  close(): void;
}

export type CreateFanout = (histories: Histories) => Fanout;
