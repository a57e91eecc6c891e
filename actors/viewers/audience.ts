/**
 * All viewers of one stream, on its own thread and on further ones where they are many (hot streams). Who comes goes to the
 * thread with the fewest, and stays there; a thread that dies costs its own viewers only, who may come again.
 */
import { performance } from 'node:perf_hooks';
import { type AudioEncoding, audioEncodings, type SentTrack } from '../../src/core/codec/audio-encoding.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import type { RtpOffsets } from '../../src/core/rtp/rtp-time.js';
import {
  afterLoss,
  decideShards,
  noShards,
  placeViewer,
  type ShardSample,
} from '../../src/core/supervise/shard-policy.js';
import { SluiceError } from '../../src/errors.js';
import type { JoinRequest, StreamActor, ViewerEvent } from '../contract.js';
import { noDatagrams, sumDatagrams } from '../fanout/datagram-counts.js';
import type { RenditionPool } from '../rendition/pool.js';
import type { Host } from '../runtime/endpoints.js';
import type { StreamStats } from '../stats.js';
import type { ShardCalls, ShardFault, ShardPulse, ShardSource, ShardStats } from './shard-contract.js';
import { createShardLink, type ShardLink } from './shard-link.js';
import { createViewers, type ViewerAnswer, type ViewersOptions } from './viewers.js';

const lookMs = 1000;
/** The stream's own thread among those that serve it. */
const actorThread = 0;

export interface AudienceOptions extends Omit<ViewersOptions, 'logs' | 'openRendition'> {
  readonly histories: Readonly<Record<SentTrack, RtpHistory>>;
  readonly renditions: RenditionPool;
  readonly offsets: RtpOffsets;
  readonly pulse: () => ShardPulse;
  readonly openShard: Host['openShard'];
  /** The forms of the audio that viewers hear, told when they change. */
  readonly onWanted: (wanted: ReadonlySet<AudioEncoding>) => void;
}

export interface Audience extends Pick<StreamActor, 'join' | 'restart' | 'leave'> {
  published(track: SentTrack): void;
  /** More is known of the source's media. */
  informed(): void;
  /** The source has changed: each viewer gets the form that it needs now. */
  reconsider(): void;
  stats(): Promise<Pick<StreamStats, 'fanout' | 'sent' | 'datagrams' | 'viewers' | 'renditions' | 'shards'>>;
  /** A drill in one of the further threads, where there is one. */
  breakShard(fault: ShardFault): void;
  close(): Promise<void>;
}

export function createAudience(options: AudienceOptions): Audience {
  const { boot, knowledge, log, histories, post, nowMs, renditions } = options;
  const { settings } = boot;
  const limits = settings.viewers;
  /** By viewer: the thread that it was sent to, or, before it is, the own one. */
  const homes = new Map<string, number>();
  /** By viewer: the form of the audio that it hears. */
  const ears = new Map<string, AudioEncoding>();
  /** Those that have no answer yet. */
  const joining = new Set<string>();
  const links = new Map<number, ShardLink>();
  /** Sent by threads that are gone. */
  const departed = { packets: 0, bytes: 0, resent: 0 };
  let departedDatagrams = noDatagrams;
  let state = noShards;
  let opening: Promise<void> | null = null;
  let lastId = actorThread;
  let actorLoad = 0;
  let since = performance.eventLoopUtilization();
  let looking: NodeJS.Timeout | null = null;
  let closed = false;

  const hears = (viewerId: string, encoding: AudioEncoding | null): void => {
    const before = new Set(ears.values());
    if (encoding === null) ears.delete(viewerId);
    else ears.set(viewerId, encoding);
    const now = new Set(ears.values());
    if (audioEncodings.some((one) => now.has(one) !== before.has(one))) options.onWanted(now);
  };
  const forget = (viewerId: string): void => {
    homes.delete(viewerId);
    hears(viewerId, null);
  };
  const onViewer = (event: ViewerEvent): void => {
    if (event.kind === 'viewer.ended') forget(event.viewerId);
    post(event);
  };

  const viewers = createViewers({
    ...options,
    openRendition: renditions.use,
    post: onViewer,
  });
  const source = (): ShardSource => ({ media: knowledge.info, isPlayable: options.isPlayable() });
  const tellShards = (reconsider: boolean): void => {
    for (const link of links.values()) link.tellSource(source(), reconsider);
  };

  /** Undefined: it has gone already. */
  const depart = (id: number): ShardLink | undefined => {
    const link = links.get(id);
    links.delete(id);
    for (const of of ['packets', 'bytes', 'resent'] as const) departed[of] += link?.lastTotals.sent[of] ?? 0;
    departedDatagrams = sumDatagrams([departedDatagrams, link?.lastTotals.datagrams ?? noDatagrams]);
    return link;
  };

  const onShardEnded = (id: number): void => {
    if (depart(id) === undefined || closed) return;
    const lost = [...homes].filter(([, home]) => home === id).map(([viewerId]) => viewerId);
    log.log('warn', 'shard.lost', { shard: id, viewers: lost.length });
    state = afterLoss(state, nowMs());
    // Who had no answer yet is told by the call.
    for (const viewerId of lost.filter((one) => !joining.has(one))) {
      onViewer({ kind: 'viewer.ended', viewerId, reason: 'actor.dead' });
    }
  };

  const open = async (): Promise<void> => {
    try {
      const port = await options.openShard();
      if (closed) {
        port.close();
        return;
      }
      lastId += 1;
      const id = lastId;
      const link = createShardLink({
        id,
        port,
        renditions,
        log,
        onViewer,
        pulse: options.pulse,
        begin: { offsets: options.offsets, utcAtZeroMs: options.wallMs() - nowMs(), source: source() },
        onEnded: () => onShardEnded(id),
      });
      links.set(id, link);
      for (const track of [...audioEncodings, 'video'] as const) link.published(track, histories[track]);
      log.log('info', 'shard.opened', { shard: id, viewers: homes.size });
    } catch (error) {
      state = afterLoss(state, nowMs());
      log.log('warn', 'shard.refused', { detail: error instanceof Error ? error.message : String(error) });
    } finally {
      opening = null;
    }
  };

  const samples = (exceptViewer?: string): readonly ShardSample[] => {
    const counts = new Map<number, number>();
    for (const [viewerId, id] of homes) if (viewerId !== exceptViewer) counts.set(id, (counts.get(id) ?? 0) + 1);
    return [
      { id: actorThread, viewers: counts.get(actorThread) ?? 0, load: actorLoad },
      ...[...links].map(([id, { load }]) => ({ id, viewers: counts.get(id) ?? 0, load })),
    ];
  };

  const consider = (exceptViewer?: string): void => {
    if (closed) return;
    const decision = decideShards(state, samples(exceptViewer), opening !== null, nowMs(), limits);
    state = decision.state;
    if (decision.open) opening = open();
    for (const id of decision.close) {
      log.log('info', 'shard.closed', { shard: id });
      void depart(id)?.close();
    }
  };

  const look = (): void => {
    const now = performance.eventLoopUtilization();
    actorLoad = performance.eventLoopUtilization(now, since).utilization;
    since = now;
    consider();
    if (homes.size > 0 || links.size > 0 || looking === null) return;
    clearInterval(looking);
    looking = null;
  };

  /** The thread for a new viewer, which counts there from now on. */
  const place = async (viewerId: string): Promise<Pick<ShardCalls, 'join'>> => {
    if (limits.maxShards > 0) looking ??= setInterval(look, lookMs);
    // One thread after another is opened, until there is room or no more is to be had.
    for (consider(viewerId); opening !== null; consider(viewerId)) await opening;
    const id = placeViewer(state, samples(viewerId), nowMs(), limits) ?? actorThread;
    homes.set(viewerId, id);
    return links.get(id)?.calls ?? viewers;
  };

  const answer = async (request: JoinRequest): Promise<ViewerAnswer> => {
    const { viewerId } = request;
    if (!(await knowledge.wait(limits.codecWaitMs)) || closed) throw new SluiceError('stream.notLive');
    const thread = await place(viewerId);
    try {
      return await thread.join(request);
    } catch (error) {
      // It has found no port: the own thread has one, or says so itself.
      if (thread === viewers || !(error instanceof SluiceError) || error.code !== 'viewer.limit') throw error;
      homes.set(viewerId, actorThread);
      return await viewers.join(request);
    }
  };

  /** Undefined: served by the own thread, or unknown. */
  const linkOf = (viewerId: string): ShardLink | undefined => links.get(homes.get(viewerId) ?? actorThread);

  const statsOfShards = async (): Promise<readonly ShardStats[]> => {
    const asked = [...links.values()].map(async ({ calls, lastTotals }): Promise<ShardStats> => {
      // One that hangs has sent all the same what it told last: what only grows must not shrink meanwhile.
      return calls.stats().catch(() => ({ fanout: null, ...lastTotals, viewers: [], renditions: [] }));
    });
    return Promise.all(asked);
  };

  return {
    async join(request) {
      if (homes.size >= limits.maxPerStream) {
        throw new SluiceError('viewer.limit', `viewers.maxPerStream is ${limits.maxPerStream}`);
      }
      const { viewerId } = request;
      homes.set(viewerId, actorThread);
      joining.add(viewerId);
      // Most take Opus: FFmpeg loads while the answer is made.
      hears(viewerId, 'Opus');
      try {
        const { encoding, ...lastTotals } = await answer(request);
        if (homes.has(viewerId)) hears(viewerId, encoding);
        return lastTotals;
      } catch (error) {
        forget(viewerId);
        throw error;
      } finally {
        joining.delete(viewerId);
      }
    },
    async restart(viewerId, viewerUfrag) {
      return (linkOf(viewerId)?.calls ?? viewers).restart(viewerId, viewerUfrag);
    },
    async leave(viewerId, reason) {
      const link = linkOf(viewerId);
      forget(viewerId);
      return link === undefined ? viewers.leave(viewerId) : link.calls.leave(viewerId, reason);
    },
    published(track) {
      viewers.published(track);
      for (const link of links.values()) link.published(track, histories[track]);
    },
    informed: () => tellShards(false),
    reconsider() {
      viewers.reconsider();
      tellShards(true);
    },
    async stats() {
      const shards = samples().slice(1);
      const parts = [
        {
          fanout: viewers.fanout,
          sent: viewers.sent,
          datagrams: viewers.datagrams,
          viewers: viewers.stats(),
          renditions: viewers.renditions,
        },
        ...(await statsOfShards()),
      ];
      const sum = (of: keyof typeof departed): number =>
        parts.reduce((total, { sent }) => total + sent[of], departed[of]);
      const watching = parts.flatMap((part) => part.renditions);
      const viewersOf = (encoding: string): number =>
        watching.reduce((total, one) => (one.encoding === encoding ? total + one.viewers : total), 0);
      return {
        fanout: parts.find(({ fanout }) => fanout !== null)?.fanout ?? null,
        sent: { packets: sum('packets'), bytes: sum('bytes'), resent: sum('resent') },
        datagrams: sumDatagrams([departedDatagrams, ...parts.map(({ datagrams }) => datagrams)]),
        viewers: parts.flatMap((part) => part.viewers),
        renditions: renditions.stats.map((one) => ({ ...one, viewers: viewersOf(one.encoding) })),
        shards: shards.map(({ viewers: count, load }) => ({ viewers: count, load })),
      };
    },
    breakShard(fault) {
      const [first] = links.values();
      first?.breakDown(fault);
    },
    async close() {
      closed = true;
      if (looking !== null) clearInterval(looking);
      await Promise.all([viewers.close(), ...[...links.values()].map((link) => link.close())]);
    },
  };
}
