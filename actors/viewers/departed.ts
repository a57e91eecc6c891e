/** What was sent by those that are gone, of one thread: viewers, encodings, fan-out threads. So totals only grow. */
import { noDatagrams, sumDatagrams } from '../fanout/datagram-counts.js';
import type { DatagramCounts, StreamStats } from '../stats.js';

export type SentTotals = StreamStats['sent'];

export const nothingSent: SentTotals = { packets: 0, bytes: 0, resent: 0, nacked: 0, keyRequests: 0 };

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

export class Departed {
  sent = nothingSent;
  datagrams: DatagramCounts = noDatagrams;

  addSent(sent: SentTotals): void {
    this.sent = sumSent([this.sent, sent]);
  }

  addDatagrams(datagrams: DatagramCounts): void {
    this.datagrams = sumDatagrams([this.datagrams, datagrams]);
  }
}
