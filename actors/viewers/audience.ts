/** All viewers of one stream, by the id that REST and signalling know, on whichever thread they are served. */
import type { AudioEncoding, SentTrack } from '../../src/core/codec/audio-encoding.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import { SluiceError } from '../../src/errors.js';
import type { JoinRequest, StreamActor, ViewerEvent } from '../contract.js';
import { sumDatagrams } from '../fanout/datagram-counts.js';
import type { RenditionPool } from '../rendition/pool.js';
import type { StreamStats } from '../stats.js';
import { createAudioListeners } from './audio-listeners.js';
import { createLocalViewers, type LocalViewers, type LocalViewersOptions } from './local-viewers.js';
import { createSeats, type ViewerSeat } from './seats.js';
import { DepartedTotals, sumSent } from './sent-totals.js';
import type { ServingThread } from './serving-threads.js';
import { joinHere, joinShard, type Session } from './session.js';
import type { ShardFault, ShardSource, ShardStats } from './shard-contract.js';
import { createShards, type ShardsOptions } from './shards.js';
import { createTakeOver } from './take-over.js';
import { createViewerRelease } from './viewer-release.js';

export interface AudienceOptions
  extends Omit<LocalViewersOptions, 'histories' | 'openRendition' | 'departed'>,
    Pick<ShardsOptions, 'renditions' | 'offsets' | 'pulse' | 'openShard' | 'loopLagMs'> {
  readonly histories: Readonly<Record<SentTrack, RtpHistory>>;
  /** Resolves true when the stream's media is known, false after the time given. */
  readonly whenMediaKnown: (timeoutMs: number) => Promise<boolean>;
  /** The encodings of the audio that viewers hear, whenever they change. */
  readonly onWanted: (wanted: ReadonlySet<AudioEncoding>) => void;
  /** The first viewer comes, before anything is done for it; or the last one is gone. */
  readonly onWatched: (isWatched: boolean) => void;
}

export interface Audience extends Pick<StreamActor, 'join' | 'restart' | 'leave' | 'takeOver' | 'handOver'> {
  published(track: SentTrack): void;
  /** More is known of the source's media. */
  informed(): void;
  /** The source has changed: each viewer gets the encoding that it needs now. */
  reconsider(): void;
  stats(): Promise<Pick<StreamStats, 'fanout' | 'sent' | 'datagrams' | 'viewers' | 'renditions' | 'shards'>>;
  /** Those that this thread serves itself. */
  readonly local: Pick<LocalViewers, 'heldBytes'>;
  /** A drill in one of the further threads, where there is one. */
  breakShard(fault: ShardFault): void;
  close(): Promise<void>;
}

export function createAudience(options: AudienceOptions): Audience {
  const { boot, post, renditions, log } = options;
  const limits = boot.settings.viewers;
  const departed = new DepartedTotals();
  const newListener = createAudioListeners({ afterMs: boot.settings.media.joinPaceMs, onWanted: options.onWanted });
  const seats = createSeats(newListener, options.onWatched);
  let closed = false;

  const forget = (seat: ViewerSeat): void => {
    if (seats.leave(seat)) shards.reseat(seat, null);
  };

  const onViewer = (event: ViewerEvent): void => {
    const seat = seats.get(event.viewerId);
    if (seat !== undefined && event.kind === 'viewer.ended') forget(seat);
    if (seat !== undefined && event.kind === 'viewer.connected') connect(seat);
    release.settled();
    post(event);
  };

  const viewers = createLocalViewers({ ...options, departed, openRendition: renditions.use, post: onViewer });
  const shards = createShards({
    ...options,
    limits,
    departed,
    source: () => sourceOf(options),
    onViewer,
    onMerging: (until) => takeOver.expect(until),
    async onLost(lost, kept) {
      const goOn = await takeOver.run(kept, true);
      // Who has no answer yet learns it from the call.
      for (const { viewerId } of lost.filter((seat) => !goOn.has(seat.viewerId) && seats.get(seat.viewerId)?.session)) {
        onViewer({ kind: 'viewer.ended', viewerId, reason: 'actor.dead' });
      }
    },
  });

  const end = async (how: 'close' | 'abandon'): Promise<void> => {
    closed = true;
    await takeOver.done;
    await Promise.all([viewers[how](), shards[how]()]);
  };
  const release = createViewerRelease(seats, () => end('abandon'));
  const takeOver = createTakeOver({ seats, viewers, onSeated: (seat) => shards.reseat(seat, shards.local), log });

  const openSession = async (seat: ViewerSeat, request: JoinRequest): Promise<Session> => {
    if (!(await options.whenMediaKnown(limits.codecWaitMs)) || closed) throw new SluiceError('stream.notLive');
    const thread = await shards.place(seat);
    try {
      return await joinOn(viewers, thread, request);
    } catch (error) {
      // That thread found no free port; the stream's own thread may have one.
      if (thread.link === null || !(error instanceof SluiceError) || error.code !== 'viewer.limit') throw error;
      shards.reseat(seat, shards.local);
      return await joinOn(viewers, shards.local, request);
    }
  };

  const join: StreamActor['join'] = async (request) => {
    if (seats.size >= limits.maxPerStream) {
      throw new SluiceError('viewer.limit', `viewers.maxPerStream is ${limits.maxPerStream}`);
    }
    const seat = seats.sit(request.viewerId);
    try {
      const session = await openSession(seat, request);
      if (seats.get(seat.viewerId) !== seat || release.done !== null) {
        await session.leave('viewer');
        throw new SluiceError('session.notFound');
      }
      seat.session = session;
      return session.answer;
    } catch (error) {
      forget(seat);
      throw error;
    }
  };

  return {
    join: (request) => release.answer(() => join(request)),
    async restart(viewerId, viewerUfrag) {
      await takeOver.done;
      const session = seats.get(viewerId)?.session;
      if (session === null || session === undefined) throw new SluiceError('session.notFound');
      return session.restart(viewerUfrag);
    },
    async leave(viewerId, reason) {
      await takeOver.done;
      const seat = seats.get(viewerId);
      if (seat === undefined) return false;
      forget(seat);
      return (await seat.session?.leave(reason)) ?? false;
    },
    async takeOver(handOvers) {
      const goOn = await takeOver.run(handOvers, false);
      for (const { viewerId } of handOvers.flatMap(({ sessions }) => sessions)) {
        const seat = seats.get(viewerId);
        if (seat !== undefined && !goOn.has(viewerId)) forget(seat);
      }
      return [...goOn];
    },
    handOver: release.begin,
    published(track) {
      viewers.published(track);
      shards.published(track);
    },
    informed: () => shards.sourceChanged(false),
    reconsider() {
      viewers.reconsider();
      shards.sourceChanged(true);
    },
    async stats() {
      const shardLoads = shards.loads;
      const parts = [...viewers.stats, ...(await shards.stats())];
      return { ...sumParts(departed, parts), renditions: countViewers(renditions.stats, parts), shards: shardLoads };
    },
    local: viewers,
    breakShard: (fault) => shards.breakDown(fault),
    close: () => release.done ?? end('close'),
  };
}

function connect(seat: ViewerSeat): void {
  seat.isConnected = true;
  seat.listener.hear(seat.session?.audioEncoding ?? null);
}

const joinOn = (viewers: LocalViewers, { link }: ServingThread, request: JoinRequest): Promise<Session> =>
  link === null ? joinHere(viewers, request) : joinShard(link.calls, request);

const sourceOf = ({ media, isPlayable, isVideoExpected, isSparing }: AudienceOptions): ShardSource => ({
  media: media(),
  isPlayable: isPlayable(),
  isVideoExpected: isVideoExpected(),
  isSparing: isSparing(),
});

const sumParts = (
  departed: DepartedTotals,
  parts: readonly ShardStats[],
): Pick<StreamStats, 'fanout' | 'sent' | 'datagrams' | 'viewers'> => ({
  fanout: parts.find(({ fanout }) => fanout !== null)?.fanout ?? null,
  sent: sumSent([departed.sent, ...parts.map(({ sent }) => sent)]),
  datagrams: sumDatagrams([departed.datagrams, ...parts.map(({ datagrams }) => datagrams)]),
  viewers: parts.flatMap(({ viewers }) => viewers),
});

/** A rendition's viewers may be spread over threads. */
const countViewers = (
  renditions: RenditionPool['stats'],
  parts: readonly ShardStats[],
): readonly StreamStats['renditions'][number][] =>
  renditions.map((rendition) => {
    const watching = parts.flatMap((part) => part.renditions).filter(({ encoding }) => encoding === rendition.encoding);
    return { ...rendition, viewers: watching.reduce((total, { viewers }) => total + viewers, 0) };
  });
