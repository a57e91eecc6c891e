/**
 * Types only: the messages between a stream actor and one of its shards, further threads that serve some of its viewers. Calls
 * go over Comlink, notifications over one port. Packets lie in shared memory (src/core/rtp/packet-memory.ts), and messages only
 * say where. The thread is a child of the main thread, like renditions, so that the watchdog sees it.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Estimates } from '../../src/core/bandwidth/shared-estimate.js';
import type { AudioEncoding } from '../../src/core/codec/audio-encoding.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import type { PacketMemory } from '../../src/core/rtp/packet-memory.js';
import type { RtpOffsets } from '../../src/core/rtp/rtp-time.js';
import type { ThreadLoad } from '../../src/core/supervise/shard-policy.js';
import type { LogEvent } from '../../src/log-line.js';
import type { ActorBoot, JoinAnswer, JoinRequest, PortEvent, StreamActor, ViewerEvent } from '../contract.js';
import type { RenditionSpec } from '../rendition/feed.js';
import type { StreamStats } from '../stats.js';
import type { RenditionViewers } from './encodings.js';

/** What the worker is born with (`workerData`). */
export interface ShardBoot extends Pick<ActorBoot, 'spec' | 'settings' | 'certificate'> {
  /** Heartbeat block: src/core/supervise/beat-block.ts. */
  readonly beat: SharedArrayBuffer;
  /** To the actor; when the actor is gone it closes, and the thread ends: another one goes on with its viewers. */
  readonly media: MessagePort;
  /** Carries no messages: it closes when the actor is gone, or cannot be ended and is abandoned. */
  readonly actorLife: MessagePort;
}

/** What viewers' answers and encodings depend on. */
export interface ShardSource {
  readonly media: MediaInfo;
  /** False: browsers cannot play the source's own encoding of the video. */
  readonly isPlayable: boolean;
  /** True: the stream's thread is short of memory. */
  readonly isSparing: boolean;
  /** The source announces video, which has not come yet. */
  readonly isVideoExpected: boolean;
}

/** What changes all the time, sent with every notification: the stream's clock and bitrate. */
export interface ShardPulse {
  readonly lagMs: number | null;
  readonly skews48k: Readonly<Record<AudioEncoding, number>>;
  /** Bitrate of the source's own encoding of the video, bit/s; null while unknown. */
  readonly sourceBps: number | null;
}

/** Names an RTP history: a SentTrack, or a unique name for one use of a rendition. */
export type HistoryName = string;

export type ToShard =
  | {
      /** The first message. */
      readonly kind: 'begin';
      /** The actor calls the thread here (ShardCalls). */
      readonly calls: MessagePort;
      readonly offsets: RtpOffsets;
      /** UTC in ms at the zero of the monotonic clock, as the actor has it. */
      readonly utcAtZeroMs: number;
      /** One word: log lines that the actor has read. */
      readonly linesTaken: SharedArrayBuffer;
      readonly source: ShardSource;
    }
  /** `reconsider`: viewers may need another encoding now. */
  | { readonly kind: 'source'; readonly source: ShardSource; readonly reconsider: boolean }
  /** The history has moved to this memory; `first` is its oldest packet. */
  | { readonly kind: 'memory'; readonly history: HistoryName; readonly memory: PacketMemory; readonly first: number }
  /** New packets are published there. */
  | { readonly kind: 'published'; readonly history: HistoryName; readonly pulse: ShardPulse }
  /** A drill: an uncaught exception, or an endless loop. */
  | { readonly kind: 'drill'; readonly fault: ShardFault };

export type ShardFault = 'throw' | 'hang';

export type FromShard =
  | ViewerEvent
  | PortEvent
  | LogEvent
  | { readonly kind: 'rendition.open'; readonly history: HistoryName; readonly spec: RenditionSpec }
  | { readonly kind: 'rendition.adapt'; readonly history: HistoryName; readonly estimates: Estimates | null }
  | { readonly kind: 'rendition.close'; readonly history: HistoryName }
  /** Every second: how busy it is, and what was sent in all. */
  | ({ readonly kind: 'load'; readonly load: ThreadLoad } & Pick<StreamStats, 'sent' | 'datagrams'>);

export interface ShardStats extends Pick<StreamStats, 'fanout' | 'sent' | 'datagrams' | 'viewers'> {
  readonly renditions: readonly RenditionViewers[];
}

export interface ShardAnswer extends JoinAnswer {
  /** What the viewer hears; null: it takes no encoding of the audio that can be made. */
  readonly audioEncoding: AudioEncoding | null;
}

export interface ShardCalls extends Pick<StreamActor, 'restart' | 'leave'> {
  join(request: JoinRequest): Promise<ShardAnswer>;
  stats(): Promise<ShardStats>;
  /** Sends BYE to its viewers and frees all; the thread then ends by itself. */
  stop(): Promise<void>;
  /** Lets go of its viewers silently; the thread then ends by itself. */
  handOver(): Promise<void>;
}
