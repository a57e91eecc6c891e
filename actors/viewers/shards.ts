/**
 * The threads that serve the viewers of one stream: its own, and shards when it has many. A new viewer goes to the thread with
 * the fewest. When a shard dies, or is no longer needed, its viewers go on in the stream's own thread.
 */
import { audioEncodings, type SentTrack } from '../../src/core/codec/audio-encoding.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import type { RtpOffsets } from '../../src/core/rtp/rtp-time.js';
import {
  afterLoss,
  decideShards,
  noShards,
  placeViewer,
  type ShardSample,
  type ThreadLoad,
} from '../../src/core/supervise/shard-policy.js';
import { SluiceError } from '../../src/errors.js';
import { createFreeCores } from '../../src/free-cores.js';
import type { Logger } from '../../src/log-line.js';
import type { PortEvent, ViewerEvent } from '../contract.js';
import type { RenditionPool } from '../rendition/pool.js';
import type { Host } from '../runtime/host.js';
import type { HandOver } from '../session-record.js';
import type { ActorSettings } from '../settings.js';
import type { ShardLoad } from '../stats.js';
import { createLoopLoad } from './loop-load.js';
import type { DepartedTotals } from './sent-totals.js';
import { createServingThreads, type Seat, type ServingThread, type ServingThreads } from './serving-threads.js';
import type { ShardFault, ShardPulse, ShardSource, ShardStats } from './shard-contract.js';
import { createShardLink, type ShardLink } from './shard-link.js';

const lookMs = 1000;
const idleLoad: ThreadLoad = { busyShare: 0, lagMs: 0 };

export interface ShardsOptions {
  readonly limits: ActorSettings['viewers'];
  readonly histories: Readonly<Record<SentTrack, RtpHistory>>;
  readonly renditions: RenditionPool;
  readonly offsets: RtpOffsets;
  readonly source: () => ShardSource;
  readonly pulse: () => ShardPulse;
  readonly openShard: Host['openShard'];
  /** How late the event loop of this thread was lately. */
  readonly loopLagMs: () => number;
  /** Takes over the totals of threads that are gone. */
  readonly departed: DepartedTotals;
  readonly nowMs: () => number;
  readonly wallMs: () => number;
  readonly log: Logger;
  readonly onViewer: (event: ViewerEvent) => void;
  readonly onPort: (event: PortEvent) => void;
  /** A thread is about to let go of its viewers, who go on in this one: it is lost then. */
  readonly onMerging: (until: Promise<void>) => void;
  /**
   * A thread is gone, on which these sat; `handOvers`: the sessions that another one can go on with. Resolves when it does. Never
   * rejects.
   */
  readonly onLost: (seats: readonly Seat[], handOvers: readonly HandOver[]) => Promise<void>;
}

export interface Shards extends Pick<ServingThreads, 'local' | 'reseat'> {
  /** Seats the viewer on the thread that is to serve it, which may have to be opened first. Error: viewer.overloaded. */
  place(seat: Seat): Promise<ServingThread>;
  published(track: SentTrack): void;
  /** `reconsider`: each viewer may need another encoding now. */
  sourceChanged(reconsider: boolean): void;
  stats(): Promise<readonly ShardStats[]>;
  readonly loads: readonly ShardLoad[];
  /** A drill in the first further thread, where there is one. */
  breakDown(fault: ShardFault): void;
  close(): Promise<void>;
  /** Ends them silently, with whom another thread goes on. */
  abandon(): Promise<void>;
}

export function createShards(options: ShardsOptions): Shards {
  const { limits, nowMs, log, histories, departed } = options;
  const threads = createServingThreads(departed);
  const { local, reseat, depart } = threads;
  let state = noShards;
  let opening: Promise<void> | null = null;
  /** It hands its viewers over to this thread; null: none does. */
  let merging: ServingThread | null = null;
  let lastId = local.id;
  let localLoad: ThreadLoad = idleLoad;
  const measureLoad = createLoopLoad();
  const measureFree = createFreeCores();
  let looking: NodeJS.Timeout | null = null;
  let closed = false;

  const samples = (): readonly ShardSample[] => threads.samples(localLoad, merging);

  const onShardEnded = async (id: number): Promise<void> => {
    const shard = depart(id);
    if (shard === undefined || closed) return;
    const isMerged = shard === merging;
    if (isMerged) merging = null;
    else state = afterLoss(state, nowMs());
    const viewers = shard.seats.size;
    log(isMerged ? 'info' : 'warn', isMerged ? 'shard.merged' : 'shard.lost', { shard: id, viewers });
    await options.onLost([...shard.seats], shard.link.kept.all);
  };

  const open = async (): Promise<void> => {
    try {
      const port = await options.openShard();
      if (closed) return port.close();
      lastId += 1;
      const id = lastId;
      const link = createShardLink({
        id,
        port,
        ...options,
        begin: { offsets: options.offsets, utcAtZeroMs: options.wallMs() - nowMs(), source: options.source() },
        onEnded: () => onShardEnded(id),
      });
      threads.add(id, link);
      for (const track of [...audioEncodings, 'video'] as const) link.published(track, histories[track]);
      log('info', 'shard.opened', { shard: id });
    } catch (error) {
      // A bug: the thread ends, and the supervisor starts another.
      if (!(error instanceof SluiceError)) throw error;
      state = afterLoss(state, nowMs());
      log('warn', 'shard.refused', { detail: error.message });
    } finally {
      opening = null;
    }
  };

  const consider = (freeCores = 0): void => {
    if (closed) return;
    const decision = decideShards(state, samples(), opening !== null, nowMs(), limits, freeCores);
    state = decision.state;
    if (decision.open) opening = orEndThread(open());
    for (const id of decision.close) {
      log('info', 'shard.closed', { shard: id });
      void depart(id)?.link.close('stop');
    }
    const merged = threads.shards.find(({ id }) => id === decision.merge);
    if (merged === undefined) return;
    merging = merged;
    options.onMerging(merged.link.handOver());
  };

  const look = (): void => {
    localLoad = { busyShare: measureLoad(), lagMs: options.loopLagMs() };
    consider(measureFree() ?? 0);
    if (local.seats.size > 0 || threads.shards.length > 0 || looking === null) return;
    clearInterval(looking);
    looking = null;
    localLoad = idleLoad;
  };

  const end = async (how: 'stop' | 'handOver'): Promise<void> => {
    closed = true;
    if (looking !== null) clearInterval(looking);
    await Promise.all(threads.shards.map(({ link }) => link.close(how)));
  };

  return {
    local,
    reseat,
    async place(seat) {
      looking ??= setInterval(look, lookMs);
      // One thread after another is opened, until there is room or no more is available.
      for (consider(); opening !== null; consider()) await opening;
      const id = placeViewer(state, samples(), nowMs(), limits);
      if (id === null) throw new SluiceError('viewer.overloaded', 'the threads of this stream have no more to give');
      const thread = threads.find(id) ?? local;
      reseat(seat, thread);
      return thread;
    },
    published(track) {
      for (const { link } of threads.shards) link.published(track, histories[track]);
    },
    sourceChanged(reconsider) {
      for (const { link } of threads.shards) link.setSource(options.source(), reconsider);
    },
    stats: () => Promise.all(threads.shards.map(({ link }) => statsOf(link))),
    get loads() {
      return threads.shards.map(({ seats, link }) => ({ viewers: seats.size, load: link.load.busyShare }));
    },
    breakDown: (fault) => threads.shards[0]?.link.breakDown(fault),
    close: () => end('stop'),
    abandon: () => end('handOver'),
  };
}

/** What it fails with is a bug, and ends the thread also where somebody waits for it and catches that. */
function orEndThread(work: Promise<void>): Promise<void> {
  void work.then(() => {});
  return work;
}

/** One that hangs has sent all the same what it reported last: what only grows must not shrink meanwhile. */
const statsOf = ({ calls, lastTotals }: ShardLink): Promise<ShardStats> =>
  calls.stats().catch(() => ({ fanout: null, ...lastTotals, viewers: [], renditions: [] }));
