/**
 * The supervisor as the server (REST, WHEP, signalling) calls it. Types only. A pull is one stream that is wanted, from
 * its request to its end; a viewer is one session that plays it.
 */
import type { RestartAnswer } from '../../actors/contract.js';
import type { StillForm } from '../../actors/media/still.js';
import type { RecorderLoad } from '../../actors/recording/contract.js';
import type { StreamStats } from '../../actors/stats.js';
import type { NodeRoom } from '../core/cluster/records.js';
import type { Check } from '../core/diagnosis/facts.js';
import type { FragmentMessage } from '../core/fragments/fragment.js';
import type { RecordedSoFar } from '../core/hls/event-playlist.js';
import type { RecordingPart } from '../core/recording/part.js';
import type { Child, HandOverReport } from '../core/supervise/child.js';
import type { Fault } from '../core/supervise/faults.js';
import type { Supervision } from '../core/supervise/supervision.js';
import type { PacketMessage } from '../core/wcs/media-packet.js';
import type { PlaybackReport } from '../core/whep/playback-report.js';
import type { ErrorCode } from '../errors.js';
import type { SinglePortCounts } from '../threads/single-port.js';
import type { KeptData } from './data-ring.js';
import type { MediaListener, MediaWatch } from './media-watch.js';
import type { PullInfo, PullRequest, PullSelector, WantedPull } from './pull-info.js';
import type { RecordedFile, RecordingOptions, RecordingState } from './recording-state.js';
import type { Sample } from './stream-samples.js';
import type { OnTiming } from './timings.js';
import type {
  FragmentViewRequest,
  PacketRequest,
  PacketView,
  PlayRequest,
  View,
  ViewerInfo,
  ViewRequest,
} from './view.js';

/** What a source sent beside audio and video. */
interface StreamData {
  /** The values of all onMetaData of the RTMP session; later ones replace earlier ones of the same name. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The kept events after `since`, oldest first. */
  readonly events: readonly KeptData[];
  /** `seq` of the newest event: the `since` of the next request. */
  readonly lastSeq: number;
}

export interface Snapshot {
  /** The same for the same keyframe in the same form. */
  readonly tag: string;
  /** Decodes it, unless that is done already. Errors: stream.failed (it does not decode), media.unavailable, request.tooMany. */
  bytes(): Promise<Uint8Array>;
}

export interface Streams {
  /**
   * Starts a pull; returns before its source is dialled. `client`: see WantedPull. Errors: request.invalid, pull.conflict,
   * pull.nameTaken, pull.limit, server.draining; for a pull of viewers request.tooMany.
   */
  pull(request: PullRequest, client?: string): PullInfo | Promise<PullInfo>;
  /** The pulls that are not over. */
  wanted(): readonly WantedPull[];
  /** Ends the pull that fits, and its viewers' sessions. Error: pull.notFound. */
  terminate(which: PullSelector): void | Promise<void>;
  list(): readonly PullInfo[];
  /** By local name or uri; undefined without such a pull. */
  find(name: string): PullInfo | undefined;
  /**
   * Waits for the media of the stream, then opens a session. Errors: stream.notFound, stream.notLive, stream.failed or the
   * reason why the source has no media (source.*), offer.unacceptable, viewer.limit, viewer.overloaded, request.tooMany,
   * server.draining, actor.dead, actor.timeout; for a uri to pull on demand also request.invalid, pull.nameTaken, pull.limit.
   */
  view(request: ViewRequest): Promise<View>;
  /**
   * Null when the stream can be played now, else why not, as an error code of `view`. An address that nobody pulls is pulled on
   * demand; a stream that is dialled for the first time is waited for, like `view` waits.
   */
  whyUnavailable(request: PlayRequest): Promise<ErrorCode | null>;
  /**
   * Plays the stream as fragmented MP4, over all restarts of its thread; a pull on demand counts it as a viewer. Errors: those
   * of `whyUnavailable`.
   */
  watchFragments(request: PlayRequest, listener: MediaListener<FragmentMessage>): Promise<MediaWatch>;
  /** The same of packets, for the viewers of `viewPackets`; `wish`: what of one is met. */
  watchPackets(request: PacketRequest, listener: MediaListener<PacketMessage>): Promise<MediaWatch>;
  /**
   * Opens a session of a viewer to whom its server sends packets: an MSE player of WCS's SDK. Errors: those of `view`.
   */
  viewPackets(request: Omit<ViewRequest, 'offer'>): Promise<PacketView>;
  /**
   * Counts one who plays fragments as a viewer, until `leave`; gives its viewerId. Errors: stream.notFound, viewer.limit,
   * viewer.overloaded, request.tooMany, server.draining.
   */
  viewFragments(request: FragmentViewRequest): Promise<string>;
  /**
   * Gives an RTMP player to the thread of its stream, which serves it from then on; a pull on demand counts it as a viewer. `give` is
   * called when the stream plays: it gives the connection, held beside its socket (native-threads.ts). Errors: those of
   * `whyUnavailable` and of `give`, viewer.limit, actor.dead, actor.timeout.
   */
  addPlayer(request: PlayRequest, give: () => Promise<number>): Promise<void>;
  /** ICE restart of a session. Errors, which leave the session unchanged: session.notFound, actor.dead, actor.timeout. */
  restart(viewerId: string, viewerUfrag: string): Promise<RestartAnswer>;
  /** The ids of the pulls and viewers that go by this very name or address. Lists show addresses without their secrets. */
  named(name: string): ReadonlySet<string>;
  /** The viewers whose offers are answered. */
  viewers(): readonly ViewerInfo[];
  /** Ends the session of a viewer by order of REST: `onEnded(null)`. Error: session.notFound. */
  terminateViewer(viewerId: string): void;
  /** Ends the session of a viewer without a call of `onEnded`. False for an unknown viewer. */
  leave(viewerId: string): Promise<boolean>;
  /** What the player of a viewer tells of itself. Error: session.notFound. */
  report(viewerId: string, report: PlaybackReport): void;
  /** To all viewers of the stream with this name, at whichever node. Errors: stream.notFound, stream.notLive: nobody has it now. */
  sendEvent(name: string, payload: unknown): void | Promise<void>;
  /** Errors: pull.notFound, stream.notLive, actor.dead, actor.timeout. */
  stats(pullId: string): Promise<StreamStats>;
  /** The last ten minutes, oldest first. Error: pull.notFound. */
  history(pullId: string): readonly Sample[];
  /** The newest of them that is here; null: there is none, as of a stream that another node has. */
  lastSample(pullId: string): Sample | null;
  /** What stands between source and picture, asked now. Error: pull.notFound. */
  diagnose(pullId: string): Promise<readonly Check[]>;
  /** What is wrong with it, the worst first, as of the last seconds. */
  alerts(pullId: string): readonly Check[];
  /** By viewer, in kbit/s, in the last seconds. */
  viewerKbps(pullId: string): ReadonlyMap<string, number>;
  /** Gives a pull another name, or none. Errors: pull.notFound, pull.nameTaken, request.invalid. */
  rename(pullId: string, name: string | null): PullInfo | Promise<PullInfo>;
  /** `since`: `seq` of the last known event, 0 for all. Error: pull.notFound. */
  data(pullId: string, since: number): StreamData;
  /**
   * The newest keyframe of the stream with this name, as a file. Who asks for the same keyframe and form shares the work.
   * Errors: stream.notFound, stream.notLive.
   */
  snapshot(name: string, form: StillForm): Promise<Snapshot>;
  /** Begins to record; a recording of this pull that runs ends. Errors: pull.notFound, recording.disabled, request.invalid. */
  startRecording(pullId: string, options: RecordingOptions): void | Promise<void>;
  /** Resolves when all is on the disk. Errors: recording.notFound; recording.slow: it has ended, and the disk takes its rest later. */
  stopRecording(pullId: string): Promise<void>;
  /** Null where the pull is not recorded. */
  recordingOf(pullId: string): RecordingState | null;
  /** What is on the disk of the recording of the stream with this name that runs; null: none, or recordings.timeShift is off. */
  recordedSoFar(name: string): (RecordedSoFar & RecordedFile) | null;
  /** All files of recordings, oldest first. */
  recordings(): readonly RecordingPart[];
  recordingsLoad(): RecorderLoad;
  /** Error: recording.notFound. */
  recordedFile(partId: string, what: 'media' | 'thumbnail'): RecordedFile;
  /** Errors: recording.notFound, recording.busy. */
  removeRecording(partId: string): Promise<void>;
  /**
   * Another thread takes the stream over, in order; viewers keep their sessions. Gives how that went, null without viewers. Errors,
   * which leave the stream as it was: pull.notFound, stream.notLive, request.tooMany, source.* (it gets no media of its own).
   */
  restartThread(pullId: string): Promise<HandOverReport | null>;
  /**
   * Fault injection: breaks the actor of this stream from inside. Errors: control.forbidden where it is not enabled,
   * stream.notFound, stream.notLive.
   */
  inject(name: string, fault: Fault): void;
  /** The version of FFmpeg that runs, asked once; null where none does. */
  ffmpegVersion(): Promise<string | null>;
  /** The tree of what the supervisor has started, as it stands now. */
  supervision(): Supervision;
  /** Shows a child that another has started in the tree. */
  register(child: () => Child): void;
  /** `listener` is told from now on how long joins and their parts take. */
  observeTimings(listener: OnTiming): void;
  /** Threads that start from now on have the settings as they are now, those that stand ready too. */
  settingsChanged(): void;
  /** Refuses new pulls and viewers, ends those there are, and resolves when every thread is gone or abandoned. */
  close(): Promise<void>;
  /** What came to webrtc.singlePort; null: each stream has a port of its own. */
  singlePort(): SinglePortCounts | null;
  /** Threads that cannot be ended: while there are any, process.exit would wait for ever. */
  readonly stuckThreads: number;
}

/** The streams of this process alone; in a cluster other nodes have more. */
export interface LocalStreams extends Streams {
  /** What this process can still take, as it is measured now. */
  room(): NodeRoom;
  pull(request: PullRequest, client?: string): PullInfo;
  terminate(which: PullSelector): void;
  rename(pullId: string, name: string | null): PullInfo;
  /** Whether it is to be recorded where it is pulled from its source, and how: begins and ends nothing. Error: pull.notFound. */
  wishRecording(pullId: string, wish: Pick<PullRequest, 'record' | 'recording'>): void;
  /**
   * The pull is taken from another node, at this address, which nobody is shown; null: from its own uris again. Viewers keep their
   * sessions as over any loss of a source. While it is taken from a node its origin is `edge`: it ends when nobody takes it, and is
   * dialled for as long as it is there. Resolves when nothing comes from where it was taken before. Error: pull.notFound.
   */
  pointTo(pullId: string, parentUri: string | null): Promise<void>;
  /**
   * As `addPlayer`, of another node that takes the stream of this pull under this epoch: whether there is media or not. Errors:
   * stream.notFound, stream.notLive without a thread, and those of `addPlayer`.
   */
  addLink(pullId: string, epoch: number, give: () => Promise<number>): Promise<void>;
  /** Closes the links of this pull that were let in under another epoch; null: under any. */
  endLinks(pullId: string, epoch: number | null): Promise<void>;
  get(pullId: string): PullInfo | undefined;
  /** How many take something of it: viewers, players and links, recordings. */
  takersOf(pullId: string): number;
  /** `listener` is told from now on of each pull whose state, media or takers have changed. */
  onChange(listener: (pullId: string) => void): void;
}
