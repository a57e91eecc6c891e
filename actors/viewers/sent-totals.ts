/** What was sent by those that are gone, of one thread: viewers, encodings, fan-out threads. So totals only grow. */
import { noDatagrams, sumDatagrams } from '../fanout/datagram-counts.js';
import type { TrackCounts } from '../fanout/session-numbers.js';
import type { SubscriptionStats } from '../fanout/subscription.js';
import type { DatagramCounts, StreamStats } from '../stats.js';

export type SentTotals = StreamStats['sent'];

export const nothingSent: SentTotals = { packets: 0, bytes: 0, resent: 0, nacked: 0, keyRequests: 0 };

/** Of a viewer that is sent nothing. */
export const neverSent: SubscriptionStats = {
  packetsSent: 0,
  bytesSent: 0,
  videoBytesSent: 0,
  packetsResent: 0,
  packetsNacked: 0,
  framesSkipped: 0,
  keyRequests: 0,
  cannotDecode: false,
  lossFraction: 0,
  roundTripMs: null,
  jitterMs: null,
  estimateKbps: null,
  estimateKind: null,
};

/** `before`: what of it threads before this one have sent. */
export const sentSince = (stats: SubscriptionStats, before: TrackCounts): SentTotals => ({
  packets: stats.packetsSent - before.packets,
  bytes: stats.bytesSent - before.octets,
  resent: stats.packetsResent - before.resent,
  nacked: stats.packetsNacked,
  keyRequests: stats.keyRequests,
});

export const sumSent = (parts: readonly SentTotals[]): SentTotals =>
  parts.reduce(
    (total, { packets, bytes, resent, nacked, keyRequests }) => ({
      packets: total.packets + packets,
      bytes: total.bytes + bytes,
      resent: total.resent + resent,
      nacked: total.nacked + nacked,
      keyRequests: total.keyRequests + keyRequests,
    }),
    nothingSent,
  );

export class DepartedTotals {
  sent = nothingSent;
  datagrams: DatagramCounts = noDatagrams;

  addSent(sent: SentTotals): void {
    this.sent = sumSent([this.sent, sent]);
  }

  addDatagrams(datagrams: DatagramCounts): void {
    this.datagrams = sumDatagrams([this.datagrams, datagrams]);
  }
}
