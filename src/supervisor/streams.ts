/**
 * The supervisor's public face: what the server (REST, WHEP, signalling) asks of it. Types only.
 * A pull is one wanted stream; a viewer is one playing session of it.
 */
import type { JoinAnswer, PullOrigin, RestartAnswer, SourceState } from '../../actors/contract.js';
import type { StreamStats } from '../../actors/stats.js';
import type { MediaInfo } from '../core/codec/media-info.js';
import type { VideoWish } from '../core/codec/video-encoding.js';
import type { NamedUris } from '../core/rtmp/uri-list.js';
import type { Offer } from '../core/sdp/offer.js';
import type { Fault } from '../core/supervise/faults.js';
import type { ErrorCode } from '../errors.js';
import type { KeptData, SourceData } from './data-ring.js';

/** At least one of `uri` and `uris` is there. */
export interface PullRequest extends NamedUris {
  /** Absent: the name is the (first) uri, byte by byte as it was asked for. */
  readonly localStreamName?: string | undefined;
  readonly record: boolean;
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
  readonly origin: PullOrigin;
}

export interface PullView {
  /** `localMediaSessionId` toward REST clients. */
  readonly pullId: string;
  readonly localName: string;
  /** As it was asked for, credentials masked as `***`; the first, where there are several. */
  readonly uri: string;
  /** All of them, in order of preference. */
  readonly uris: readonly string[];
  /** The one that is being played; null while none is. */
  readonly playingUri: string | null;
  readonly origin: PullOrigin;
  readonly state: SourceState;
  /** Why the source was lost, until its media comes again; why it FAILED; null while all is well. */
  readonly reason: ErrorCode | null;
  readonly detail: string;
  readonly record: boolean;
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
  readonly media: MediaInfo;
  readonly viewers: number;
  readonly restarts: number;
  readonly createdAtMs: number;
}

export interface ViewRequest {
  /** A local name, or an rtmp:// or rtmps:// address, which is pulled on demand when nobody pulls it yet. */
  readonly name: string;
  readonly offer: Offer;
  /** A size or bitrate that the viewer asks for; absent or null: the stream as it is. */
  readonly wish?: VideoWish | null;
  /** The remote address of whoever asks, for limits. */
  readonly clientIp: string;
  /** Told once when the viewer's media flows. */
  readonly onConnected: () => void;
  /** The source said something beside audio and video: captions, cue points, metadata. */
  readonly onData?: (data: SourceData) => void;
  /**
   * Told once when the viewer is gone for good, after `view` has given its session. null: the pull was terminated by
   * REST. server.draining: shutdown. stream.failed: no media for viewers.sourceGraceMs. actor.dead: the stream's thread
   * ended. source.*: why the source was given up. viewer.*: why the session itself ended.
   */
  readonly onEnded: (reason: ErrorCode | null) => void;
  /** The viewer cannot take the stream as it is, and goes on with less; both in kbit/s. */
  readonly onLowered?: (sourceKbps: number, estimateKbps: number) => void;
}

/** What a source says beside audio and video. */
interface StreamData {
  /** Every onMetaData of the session, later values over earlier ones. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The newest of those kept that were asked for, oldest first. */
  readonly events: readonly KeptData[];
  /** The number of the newest event there was: from where to ask next. */
  readonly lastSeq: number;
}

export interface View extends JoinAnswer {
  /** 128 random bits in hexadecimal: names the session, and is not guessable. */
  readonly viewerId: string;
  readonly localName: string;
}

export interface Streams {
  /** Wants a stream. Returns at once; errors: request.invalid, pull.conflict, pull.nameTaken, pull.limit, server.draining. */
  pull(request: PullRequest): PullView;
  /** Ends the pull of this (first) uri, or of this id; its viewers are told. Error: pull.notFound. */
  terminate(uriOrPullId: string): void;
  list(): readonly PullView[];
  /** By local name or by uri; undefined when nobody has asked for it. */
  find(name: string): PullView | undefined;
  /**
   * Waits for the media of the stream, and gives the session. Errors: stream.notFound, stream.notLive, stream.failed or why
   * the source refuses or was given up (source.*), offer.unacceptable, viewer.limit, request.tooMany, server.draining, actor.dead,
   * actor.timeout; for an address to pull on demand also request.invalid, pull.nameTaken, pull.limit.
   */
  view(request: ViewRequest): Promise<View>;
  /** ICE restart of a viewer. Errors: session.notFound, actor.dead, actor.timeout; the session is then as it was. */
  restart(viewerId: string, viewerUfrag: string): Promise<RestartAnswer>;
  /** True when there was such a viewer. Its `onEnded` is not called. */
  leave(viewerId: string): Promise<boolean>;
  stats(pullId: string): Promise<StreamStats>;
  /** `since`: the number of the last event that is known, 0 for all. Error: pull.notFound. */
  data(pullId: string, since: number): StreamData;
  /**
   * The newest keyframe of the stream with this name, as a PNG file. Errors: stream.notFound, stream.notLive,
   * stream.failed (it does not decode), media.unavailable, request.tooMany.
   */
  snapshot(name: string): Promise<Uint8Array>;
  /** A drill: breaks the actor of this stream from inside. Errors: control.forbidden where not enabled, stream.notFound. */
  inject(name: string, fault: Fault): void;
  /** Refuses new work, ends viewers and sources, and resolves when every thread is gone or given up on. */
  close(): Promise<void>;
  /** Threads that can be ended by no means: while there are any, process.exit would wait for ever. */
  readonly stuckThreads: number;
}
