/**
 * Types only: everything that the main thread and a stream actor say to each other. Three channels join them:
 * `StreamActor` (main calls the actor) and `ActorHost` (the actor calls main), both over Comlink with deadlines,
 * and `ActorEvent`, one-way messages from the actor. No media crosses here.
 */
import type { MessagePort } from 'node:worker_threads';
import type { MediaInfo } from '../src/core/codec/media-info.js';
import type { VideoWish } from '../src/core/codec/video-encoding.js';
import type { DialOrigin, RedirectedFrom } from '../src/core/guard/address.js';
import type { LinkCall } from '../src/core/rtmp/link-calls.js';
import type { Offer } from '../src/core/sdp/offer.js';
import type { Fault } from '../src/core/supervise/faults.js';
import type { ErrorCode } from '../src/errors.js';
import type { LogEvent } from '../src/log-line.js';
import type { RenditionWish } from './media/rendition-output.js';
import type { Keyframe } from './media/still.js';
import type { HandOver, HeldPort, SessionRecord } from './session-record.js';
import type { ActorSettings } from './settings.js';
import type { StreamStats } from './stats.js';

/** Who asked for the pull: it decides which address ranges may be dialled, and whether the pull ends when idle. */
export type PullOrigin = Exclude<DialOrigin, 'edge'>;

/** Where a stream is taken from. */
export interface SourcePlace {
  /** In order of preference, at least one. They may hold credentials: they are never logged. */
  readonly uris: readonly string[];
  readonly origin: DialOrigin;
}

/** One wanted stream, as the actor needs it. Its uris may hold credentials: they never go to a log or an error. */
export interface StreamSpec {
  /** The id of the pull, `localMediaSessionId` toward REST clients (a UUID). */
  readonly pullId: string;
  readonly localName: string;
  readonly uri: string;
  /** Where the same stream is available while `uri` fails, in order of preference. */
  readonly standbyUris: readonly string[];
  /** `edge`: it is taken from another node. */
  readonly origin: DialOrigin;
  /** False: the track is not taken from the source although it may be there. */
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
  /** Where its time stands (src/core/timeline/stream-timeline.ts): one block for all its threads, one after another. */
  readonly timeline: SharedArrayBuffer;
}

/** The process's one DTLS certificate (PEM), and its SHA-256 fingerprint as SDP writes it ("AB:CD:..."). */
export interface DtlsCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  readonly fingerprint: string;
}

/** What the worker starts with (`workerData`). The spec of its stream is the first message to its `parentPort`, whenever it comes. */
export interface ActorBirth {
  readonly settings: ActorSettings;
  readonly certificate: DtlsCertificate;
  /** True only where the configuration allows it: StreamActor.inject works (drills and tests). */
  readonly faultInjection: boolean;
  /** It is a spare thread: it loads what a first viewer needs before it knows its stream. */
  readonly loadsAhead: boolean;
  /** Heartbeat block: actors/runtime/beat.ts says which word is which. */
  readonly beat: SharedArrayBuffer;
  /** Main calls the actor here (the actor exposes StreamActor). */
  readonly calls: MessagePort;
  /** The actor calls main here (main exposes ActorHost). */
  readonly host: MessagePort;
  /** The actor posts ActorEvent here. */
  readonly events: MessagePort;
}

export interface ActorBoot extends ActorBirth {
  readonly spec: StreamSpec;
}

export interface JoinRequest {
  readonly viewerId: string;
  readonly offer: Offer;
  /** A size or bitrate that the viewer asks for (WCS signalling); null: the stream as it is. */
  readonly wish: VideoWish | null;
}

export interface JoinAnswer {
  readonly answerSdp: string;
  readonly media: MediaInfo;
  /** Names the ICE session; the entity tag of WHEP. */
  readonly iceTag: string;
}

export interface RestartAnswer {
  /** application/trickle-ice-sdpfrag: our new credentials, and our candidates. */
  readonly fragment: string;
  readonly iceTag: string;
}

/** Who takes fragments: players, who wait for each, or a recording, which does not. */
export type FragmentsTaker = 'playback' | 'recording';

/** Of fragments, or of packets. */
export interface MediaFeed {
  readonly port: MessagePort;
}

export type LeaveReason = 'viewer' | 'terminate' | 'source' | 'shutdown';

/** What the actor answers. Every call may reject with a SluiceError; the caller's wrapper adds a deadline. */
export interface StreamActor {
  /** Breaks the thread from inside, to prove that it is contained. Refused (control.forbidden) unless enabled. */
  inject(fault: Fault): Promise<void>;
  /** Waits for the codecs if need be, then answers the offer. Errors: stream.notLive, offer.unacceptable, viewer.limit. */
  join(request: JoinRequest): Promise<JoinAnswer>;
  /** ICE restart: the viewer names itself by `viewerUfrag` now; media goes on. Error: session.notFound. */
  restart(viewerId: string, viewerUfrag: string): Promise<RestartAnswer>;
  /** True when the viewer was there. Sends BYE and close_notify. */
  leave(viewerId: string, reason: LeaveReason): Promise<boolean>;
  stats(): Promise<StreamStats>;
  /**
   * Goes on with the viewers of threads that are gone, at their ports: checks are answered at once, packets go out as soon as the
   * source's media is known. Gives the ids of those that go on.
   */
  takeOver(handOvers: readonly HandOver[]): Promise<readonly string[]>;
  /** Releases all viewers silently, for another thread to take over; resolves when the ports are free. */
  handOver(): Promise<void>;
  /** As Sources.pointTo: once it has answered no packet is made of what comes from the place before. */
  pointTo(place: SourcePlace): Promise<void>;
  /** The newest keyframe of the source. Error: stream.notLive when none has come. */
  keyframe(): Promise<Keyframe>;
  /**
   * A port on which the stream's fragments come (core/fragments/fragment.ts), from the newest keyframe on, until it is closed
   * or the thread ends. Error: media.unavailable.
   */
  fragments(by: FragmentsTaker): Promise<MediaFeed>;
  /**
   * The same of packets for MSE players of WCS's SDK (core/wcs/media-packet.ts); `wish`: null for the video as it is. Error:
   * media.transcodingDisabled.
   */
  packets(wish: VideoWish | null): Promise<MediaFeed>;
  /**
   * Serves an RTMP player that was let play: `held` is its connection, in the table of held sockets (native-threads.ts), which the
   * caller releases. `epoch`: of a node, the one under which it was let in; null: it is none. Errors: viewer.limit, stream.notLive when
   * the connection is gone.
   */
  addPlayer(held: number, epoch: number | null): Promise<void>;
  /** Closes those that were let in under another epoch than this one; null: under any. */
  endLinks(epoch: number | null): Promise<void>;
  /** An event for the viewers of the nodes that take the stream from here, as JSON. */
  tellNodes(payload: string): Promise<void>;
  /** Says BYE to viewers, closes the source, frees all; the thread then ends by itself with exit code 0. */
  stop(reason: LeaveReason): Promise<void>;
}

/** How an actor reaches a thread that works for it. */
export interface SideThreadPorts {
  /** To the thread. */
  readonly media: MessagePort;
  /** Carries no messages: it closes when the thread is gone, or cannot be ended and is abandoned. */
  readonly life: MessagePort;
}

/** How an actor reaches a process that works for it: by a unix socket, which accepts one client that begins with the token. */
export interface SideProcessPlace {
  /** In the abstract name space (unix(7)). */
  readonly path: string;
  readonly token: Uint8Array;
  /** Carries no messages: it closes when the process is gone. */
  readonly life: MessagePort;
}

/** What such a process tells the main thread: that it listens, and with each heartbeat its state. */
export type FromSideProcess =
  | 'listening'
  | {
      /** Its memory, native memory included. */
      readonly usedBytes: number;
      /** How late this heartbeat came. */
      readonly lagMs: number;
    };

/** One end of a channel of messages: a MessagePort, or a socket to another process. */
export interface ChannelEnd<In, Out> {
  postMessage(message: Out, transfer?: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (message: In) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  close(): void;
}

/** What main answers to an actor. */
export interface ActorHost {
  /**
   * Resolves a host name once, through the process's one resolver and the address guard of the pull's origin. Gives the addresses
   * to dial, in order. `from`: the source that redirects there, null for the pull's own. Errors: source.nameNotResolved,
   * source.addressDenied.
   */
  resolve(
    hostname: string,
    origin: DialOrigin,
    port: number,
    from: RedirectedFrom | null,
  ): Promise<readonly { address: string; family: 4 | 6 }[]>;
  /**
   * Starts a rendition's thread or process, as media.renditionIsolation says (actors/rendition/contract.ts). Errors:
   * media.unavailable, pull.limit (media.maxRenditions), actor.dead (it ended at its start).
   */
  openRendition(wish: RenditionWish): Promise<SideThreadPorts | SideProcessPlace>;
  /** Whether a decoder makes any picture of these frames. Errors: media.unavailable, media.tooLarge, request.tooMany (the pool is busy). */
  decodes(keyframe: Keyframe): Promise<boolean>;
  /** Starts a further fan-out thread (actors/viewers/shard-contract.ts). Error: viewer.limit (viewers.maxShards). */
  openShard(): Promise<SideThreadPorts>;
}

/** State words are those of WCS (ARCHITECTURE.md, The life of a pull). */
export type SourceState = 'NEW' | 'PENDING' | 'CONNECTED' | 'PROCESSED_REMOTE' | 'STOPPED' | 'FAILED';

export type ActorEvent =
  /** FAILED: the actor gave up (a cause that cannot go away by itself). `reason` is set for PENDING after a loss, and for FAILED. */
  | {
      readonly kind: 'source.state';
      readonly state: SourceState;
      readonly reason: ErrorCode | null;
      readonly detail: string;
    }
  /** 0: `uri` plays from now on; n: the n-th of `standbyUris`. `remoteSessionId`: how a source by WCS signalling calls the session. */
  | { readonly kind: 'source.playing'; readonly index: number; readonly remoteSessionId: string | null }
  | { readonly kind: 'source.media'; readonly media: MediaInfo }
  /** The source said something beside audio and video (onTextData, onCuePoint, onMetaData, ...). */
  | {
      readonly kind: 'source.data';
      readonly name: string;
      /** A JSON array, at most 8192 characters long. */
      readonly values: string;
      /** The source's own timestamp, 32 bit unsigned. */
      readonly timestampMs: number;
      /** UTC. */
      readonly receivedMs: number;
    }
  /** The node that the stream is taken from told this. */
  | { readonly kind: 'source.told'; readonly call: LinkCall }
  /** So many RTMP players are served now. */
  | { readonly kind: 'players.changed'; readonly players: number }
  | ViewerEvent
  | PortEvent
  | LogEvent;

/** A thread has a media port from now on, which is held beside it; or no more. */
export type PortEvent =
  | { readonly kind: 'port.opened'; readonly held: HeldPort }
  | { readonly kind: 'port.closed'; readonly held: HeldPort };

export type ViewerEvent =
  | {
      readonly kind: 'viewer.connected';
      readonly viewerId: string;
      /** From its admission until its first check, and from there until DTLS was done. */
      readonly iceMs: number;
      readonly dtlsMs: number;
    }
  /** How another thread would go on with it, whenever that changes; null: none could (it is not reached by UDP). */
  | { readonly kind: 'viewer.session'; readonly viewerId: string; readonly session: SessionRecord | null }
  /** It said again and again that it cannot take the source's own encoding, and goes on with media.fallbackKbps. */
  | {
      readonly kind: 'viewer.lowered';
      readonly viewerId: string;
      readonly estimateKbps: number;
      readonly sourceKbps: number;
    }
  | { readonly kind: 'viewer.ended'; readonly viewerId: string; readonly reason: ErrorCode | null };
