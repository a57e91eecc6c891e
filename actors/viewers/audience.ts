/** All viewers of one stream, by the id that REST and signalling know, on whichever thread they are served. */
import {
  type AudioEncoding,
  audioEncodings,
  ofEachEncoding,
  type SentTrack,
} from '../../src/core/codec/audio-encoding.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import { SluiceError } from '../../src/errors.js';
import type { JoinAnswer, JoinRequest, LeaveReason, RestartAnswer, StreamActor, ViewerEvent } from '../contract.js';
import { sumDatagrams } from '../fanout/datagram-counts.js';
import type { StreamStats } from '../stats.js';
import { Departed, sumSent } from './departed.js';
import type { ShardFault } from './shard-contract.js';
import { createShards, type Seat, type ServingThread, type ShardsOptions } from './shards.js';
import { createViewers, type ViewersOptions } from './viewers.js';

export interface AudienceOptions
  extends Omit<ViewersOptions, 'histories' | 'openRendition' | 'departed'>,
    Pick<ShardsOptions, 'renditions' | 'offsets' | 'pulse' | 'openShard'> {
  readonly histories: Readonly<Record<SentTrack, RtpHistory>>;
  /** Resolves true when the stream's media is known, false after the time given. */
  readonly whenMediaKnown: (timeoutMs: number) => Promise<boolean>;
  /** The encodings of the audio that viewers hear, whenever they change. */
  readonly onWanted: (wanted: ReadonlySet<AudioEncoding>) => void;
}

export interface Audience extends Pick<StreamActor, 'join' | 'restart' | 'leave'> {
  published(track: SentTrack): void;
  /** More is known of the source's media. */
  informed(): void;
  /** The source has changed: each viewer gets the encoding that it needs now. */
  reconsider(): void;
  stats(): Promise<Pick<StreamStats, 'fanout' | 'sent' | 'datagrams' | 'viewers' | 'renditions' | 'shards'>>;
  /** A drill in one of the further threads, where there is one. */
  breakShard(fault: ShardFault): void;
  close(): Promise<void>;
}

/** A viewer on its thread. */
interface Session {
  readonly answer: JoinAnswer;
  readonly audioEncoding: AudioEncoding | null;
  restart(viewerUfrag: string): Promise<RestartAnswer>;
  leave(reason: LeaveReason): Promise<boolean>;
}

interface ViewerSeat extends Seat {
  /** Null until it has its answer. */
  session: Session | null;
  /** What it hears, as far as is known; null: nothing. */
  hears: AudioEncoding | null;
}

export function createAudience(options: AudienceOptions): Audience {
  const { boot, post, renditions } = options;
  const limits = boot.settings.viewers;
  const departed = new Departed();
  const seats = new Map<string, ViewerSeat>();
  const listeners: Record<AudioEncoding, number> = { ...ofEachEncoding(() => 0) };
  let closed = false;

  const setHears = (seat: ViewerSeat, encoding: AudioEncoding | null): void => {
    const heard = (): readonly AudioEncoding[] => audioEncodings.filter((one) => listeners[one] > 0);
    const before = heard();
    if (seat.hears !== null) listeners[seat.hears] -= 1;
    if (encoding !== null) listeners[encoding] += 1;
    seat.hears = encoding;
    const now = heard();
    if (before.join() !== now.join()) options.onWanted(new Set(now));
  };

  const forget = (seat: ViewerSeat): void => {
    if (!seats.delete(seat.viewerId)) return;
    shards.reseat(seat, null);
    setHears(seat, null);
  };

  const onViewer = (event: ViewerEvent): void => {
    const seat = event.kind === 'viewer.ended' ? seats.get(event.viewerId) : undefined;
    if (seat !== undefined) forget(seat);
    post(event);
  };

  const viewers = createViewers({ ...options, departed, openRendition: renditions.use, post: onViewer });
  const shards = createShards({
    ...options,
    limits,
    departed,
    source: () => ({ media: options.media(), isPlayable: options.isPlayable() }),
    onViewer,
    onLost(lost) {
      // Who has no answer yet learns it from the call.
      for (const { viewerId } of lost.filter((one) => seats.get(one.viewerId)?.session !== null)) {
        onViewer({ kind: 'viewer.ended', viewerId, reason: 'actor.dead' });
      }
    },
  });

  const joinOn = async ({ link }: ServingThread, request: JoinRequest): Promise<Session> => {
    if (link === null) {
      const viewer = await viewers.join(request);
      return {
        answer: viewer.joinAnswer,
        audioEncoding: viewer.audioEncoding,
        restart: async (viewerUfrag) => viewer.restart(viewerUfrag),
        async leave() {
          viewer.leave();
          return true;
        },
      };
    }
    const { viewerId } = request;
    const { audioEncoding, ...answer } = await link.calls.join(request);
    return {
      answer,
      audioEncoding,
      restart: (viewerUfrag) => link.calls.restart(viewerId, viewerUfrag),
      leave: (reason) => link.calls.leave(viewerId, reason),
    };
  };

  const openSession = async (seat: ViewerSeat, request: JoinRequest): Promise<Session> => {
    if (!(await options.whenMediaKnown(limits.codecWaitMs)) || closed) throw new SluiceError('stream.notLive');
    const thread = await shards.place(seat);
    try {
      return await joinOn(thread, request);
    } catch (error) {
      // It has found no port: the stream's own thread has one, or says so itself.
      if (thread.link === null || !(error instanceof SluiceError) || error.code !== 'viewer.limit') throw error;
      shards.reseat(seat, shards.local);
      return await joinOn(shards.local, request);
    }
  };

  return {
    async join(request) {
      if (seats.size >= limits.maxPerStream) {
        throw new SluiceError('viewer.limit', `viewers.maxPerStream is ${limits.maxPerStream}`);
      }
      const seat: ViewerSeat = { viewerId: request.viewerId, session: null, hears: null };
      seats.set(seat.viewerId, seat);
      // Most take Opus: FFmpeg loads while the answer is made.
      setHears(seat, 'Opus');
      try {
        const session = await openSession(seat, request);
        if (seats.get(seat.viewerId) !== seat) {
          await session.leave('viewer');
          throw new SluiceError('session.notFound');
        }
        seat.session = session;
        setHears(seat, session.audioEncoding);
        return session.answer;
      } catch (error) {
        forget(seat);
        throw error;
      }
    },
    async restart(viewerId, viewerUfrag) {
      const session = seats.get(viewerId)?.session;
      if (session === null || session === undefined) throw new SluiceError('session.notFound');
      return session.restart(viewerUfrag);
    },
    async leave(viewerId, reason) {
      const seat = seats.get(viewerId);
      if (seat === undefined) return false;
      forget(seat);
      return (await seat.session?.leave(reason)) ?? false;
    },
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
      const ofShards = await shards.stats();
      const watching = [viewers.renditions, ...ofShards.map((part) => part.renditions)].flat();
      const viewersOf = (encoding: string): number =>
        watching.reduce((total, one) => (one.encoding === encoding ? total + one.viewers : total), 0);
      return {
        fanout: viewers.fanout ?? ofShards.find(({ fanout }) => fanout !== null)?.fanout ?? null,
        sent: sumSent([viewers.sent, ...ofShards.map(({ sent }) => sent)]),
        datagrams: sumDatagrams([viewers.datagrams, ...ofShards.map(({ datagrams }) => datagrams)]),
        viewers: [viewers.stats, ...ofShards.map((part) => part.viewers)].flat(),
        renditions: renditions.stats.map((one) => ({ ...one, viewers: viewersOf(one.encoding) })),
        shards: shardLoads,
      };
    },
    breakShard: (fault) => shards.breakDown(fault),
    async close() {
      closed = true;
      await Promise.all([viewers.close(), shards.close()]);
    },
  };
}
