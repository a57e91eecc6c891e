/** The actor's side of a shard: its calls, notifications of new packets, and the renditions that it uses. */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { PacketMemory } from '../../src/core/rtp/packet-memory.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import { createKeptSessions, type KeptSessions } from '../../src/core/supervise/kept-sessions.js';
import type { ThreadLoad } from '../../src/core/supervise/shard-policy.js';
import type { Logger } from '../../src/log-line.js';
import { readMessages } from '../../src/wire/port-messages.js';
import { wrapCalls } from '../../src/wire/wire.js';
import type { PortEvent, ViewerEvent } from '../contract.js';
import { noDatagrams } from '../fanout/datagram-counts.js';
import type { RenditionPool } from '../rendition/pool.js';
import type { HeldPort, SessionRecord } from '../session-record.js';
import type { StreamStats } from '../stats.js';
import { nothingSent } from './sent-totals.js';
import { shardCalls } from './shard-calls.js';
import type {
  FromShard,
  HistoryName,
  ShardCalls,
  ShardFault,
  ShardPulse,
  ShardSource,
  ShardStats,
  ToShard,
} from './shard-contract.js';

/** The thread may have to start first. */
const callTimeoutMs = 5000;

export interface ShardLinkOptions {
  readonly id: number;
  readonly port: MessagePort;
  readonly begin: Pick<ToShard & { readonly kind: 'begin' }, 'offsets' | 'utcAtZeroMs' | 'source'>;
  readonly pulse: () => ShardPulse;
  readonly renditions: RenditionPool;
  readonly log: Logger;
  readonly onViewer: (event: ViewerEvent) => void;
  readonly onPort: (event: PortEvent) => void;
  /** The thread has ended, on request or not. Resolves when another one goes on with its viewers. */
  readonly onEnded: () => Promise<void>;
}

export interface ShardLink {
  readonly calls: ShardCalls;
  /** As it reported last. */
  readonly load: ThreadLoad;
  /** As it reported last. */
  readonly lastTotals: Pick<StreamStats, 'sent' | 'datagrams'>;
  /** What it has told of its viewers, for another thread to go on with. */
  readonly kept: Pick<KeptSessions<HeldPort, SessionRecord>, 'has' | 'all'>;
  /** `reconsider`: viewers may need another encoding now. */
  setSource(source: ShardSource, reconsider: boolean): void;
  published(name: HistoryName, packets: RtpHistory): void;
  /** A drill. */
  breakDown(fault: ShardFault): void;
  /** Has it let go of its viewers silently; resolves when it has ended, and `onEnded` is done. */
  handOver(): Promise<void>;
  /** Ends the thread; resolves when its viewers have been sent BYE, or, with `handOver`, have been let go silently. */
  close(how: 'stop' | 'handOver'): Promise<void>;
}

export function createShardLink(options: ShardLinkOptions): ShardLink {
  const { id, port, renditions, log } = options;
  const { port1, port2 } = new MessageChannel();
  const { calls, fail } = wrapCalls(port1, shardCalls, callTimeoutMs);
  const linesTaken = new Int32Array(new SharedArrayBuffer(4));
  const uses = new Map<HistoryName, ReturnType<RenditionPool['use']>>();
  const known = new Map<HistoryName, PacketMemory>();
  const kept = createKeptSessions<HeldPort, SessionRecord>();
  let load: ThreadLoad = { busyShare: 0, lagMs: 0 };
  let lastTotals: Pick<StreamStats, 'sent' | 'datagrams'> = {
    sent: nothingSent,
    datagrams: noDatagrams,
  };

  const send = (message: ToShard, transfer: readonly MessagePort[] = []): void =>
    port.postMessage(message, [...transfer]);

  const published = (name: HistoryName, packets: RtpHistory): void => {
    packets.publish();
    const { memory } = packets;
    if (known.get(name) !== memory) {
      known.set(name, memory);
      send({ kind: 'memory', history: name, memory, first: packets.first });
    }
    send({ kind: 'published', history: name, pulse: options.pulse() });
  };

  const receive = (message: FromShard): void => {
    switch (message.kind) {
      case 'viewer.session':
        kept.keep(message.viewerId, message.session);
        options.onViewer(message);
        return;
      case 'viewer.ended':
        kept.forget(message.viewerId);
        options.onViewer(message);
        return;
      case 'viewer.connected':
      case 'viewer.lowered':
        options.onViewer(message);
        return;
      case 'port.opened':
        kept.opened(message.held);
        options.onPort(message);
        return;
      case 'port.closed':
        kept.closed(message.held);
        options.onPort(message);
        return;
      case 'log':
        Atomics.add(linesTaken, 0, 1);
        log(message.level, message.event, { ...message.fields, shard: id });
        return;
      case 'load':
        ({ load } = message);
        lastTotals = message;
        return;
      case 'rendition.open': {
        const use = renditions.use(message.spec, () => published(message.history, use.history));
        uses.set(message.history, use);
        published(message.history, use.history);
        return;
      }
      case 'rendition.adapt':
        uses.get(message.history)?.adapt(message.estimates);
        return;
      case 'rendition.close':
        uses.get(message.history)?.close();
        uses.delete(message.history);
        known.delete(message.history);
        return;
    }
  };

  send({ kind: 'begin', ...options.begin, calls: port2, linesTaken: linesTaken.buffer }, [port2]);
  port.on('message', receive);
  const ended = new Promise<void>((resolve) => {
    port.on('close', () => {
      fail();
      port1.close();
      void options.onEnded().finally(() => {
        // Those who go on in this thread have asked for the same ones by now.
        for (const use of uses.values()) use.close();
        resolve();
      });
    });
  });

  const stats = async (): Promise<ShardStats> => {
    const answer = await calls.stats();
    lastTotals = answer;
    return answer;
  };

  return {
    calls: { ...calls, stats },
    published,
    kept,
    get load() {
      return load;
    },
    get lastTotals() {
      return lastTotals;
    },
    setSource: (source, reconsider) => send({ kind: 'source', source, reconsider }),
    breakDown: (fault) => send({ kind: 'drill', fault }),
    async handOver() {
      // One that does not answer is to end all the same: it lets go when its port is closed.
      await calls.handOver().catch(() => port.close());
      await ended;
    },
    async close(how) {
      // Whatever it answers: without its port it ends.
      await calls[how]().catch(() => {});
      // What it has told of its viewers before.
      readMessages(port, receive);
      port.close();
    },
  };
}
