/**
 * Types only: what a stream actor and one of its further fan-out threads say to each other. Calls go over Comlink, all
 * else one way over one port. Packets are in memory that both see (src/core/rtp/packet-memory.ts): only word of them goes
 * here. The thread is the main thread's child, as renditions are, so that its end is watched like any other's.
 */
import type { MessagePort } from 'node:worker_threads';
import type { AudioEncoding } from '../../src/core/codec/audio-encoding.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import type { PacketMemory } from '../../src/core/rtp/packet-memory.js';
import type { RtpOffsets } from '../../src/core/rtp/rtp-time.js';
import type { LogEvent } from '../../src/log-line.js';
import type { ActorBoot, JoinAnswer, JoinRequest, StreamActor, ViewerEvent } from '../contract.js';
import type { RenditionSpec } from '../rendition/feed.js';
import type { StreamStats } from '../stats.js';
import type { RenditionViewers } from './encodings.js';

/** What the worker is born with (`workerData`). */
export interface ShardBoot extends Pick<ActorBoot, 'spec' | 'settings' | 'certificate'> {
  /** Heartbeat block: src/core/supervise/beat-block.ts. */
  readonly beat: SharedArrayBuffer;
  /** To the actor; when the actor is gone it closes, and the thread ends. */
  readonly media: MessagePort;
}

/** The source as viewers' answers and forms depend on it. */
export interface ShardSource {
  readonly media: MediaInfo;
  /** False: browsers cannot play the source's own form of the picture. */
  readonly isPlayable: boolean;
}

/** What moves all the time, told with every news: where the stream's clock stands, and what it takes. */
export interface ShardPulse {
  readonly lagMs: number | null;
  readonly skews48k: Readonly<Record<AudioEncoding, number>>;
  /** Bits a second of the source's own form of the picture; null while unknown. */
  readonly sourceBps: number | null;
}

/** An RTP history: a SentTrack, or the name of a use of a rendition, that no other has. */
export type HistoryName = string;

export type ToShard =
  | {
      /** The first of all. */
      readonly kind: 'begin';
      /** The actor calls the thread here (ShardCalls). */
      readonly calls: MessagePort;
      readonly offsets: RtpOffsets;
      /** UTC in ms at the zero of the monotonic clock, as the actor has it. */
      readonly utcAtZeroMs: number;
      /** One word: lines of log that the actor has taken. */
      readonly linesTaken: SharedArrayBuffer;
      readonly source: ShardSource;
    }
  /** `reconsider`: each viewer may need another form now. */
  | { readonly kind: 'source'; readonly source: ShardSource; readonly reconsider: boolean }
  /** The packets of this history lie here from now on; `first` is the oldest one. */
  | { readonly kind: 'memory'; readonly history: HistoryName; readonly memory: PacketMemory; readonly first: number }
  /** New packets are published there. */
  | { readonly kind: 'published'; readonly history: HistoryName; readonly pulse: ShardPulse }
  /** A drill: an uncaught exception, or an endless loop. */
  | { readonly kind: 'drill'; readonly fault: ShardFault };

export type ShardFault = 'throw' | 'hang';

export type FromShard =
  | ViewerEvent
  | LogEvent
  | { readonly kind: 'rendition.open'; readonly history: HistoryName; readonly spec: RenditionSpec }
  | { readonly kind: 'rendition.adapt'; readonly history: HistoryName; readonly estimateBps: number | null }
  | { readonly kind: 'rendition.close'; readonly history: HistoryName }
  /** Every second: the share of the time in which its loop was busy, and what was sent in all. */
  | ({ readonly kind: 'load'; readonly load: number } & Pick<StreamStats, 'sent' | 'datagrams'>);

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
  /** Says BYE to its viewers and frees all; the thread then ends by itself. */
  stop(): Promise<void>;
}
