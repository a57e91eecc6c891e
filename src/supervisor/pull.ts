/**
 * One wanted stream from its request to its end: what was requested, the status that clients see (ARCHITECTURE.md, The
 * life of a pull), and the reports of its actor.
 */
import type { ActorEvent, LeaveReason, PullOrigin, SourcePlace, StreamSpec } from '../../actors/contract.js';
import { withoutHostPaths } from '../core/guard/host-paths.js';
import { maskUri } from '../core/rtmp/url.js';
import type { HandOverReport } from '../core/supervise/child.js';
import type { RestartDecision } from '../core/supervise/policy.js';
import type { ErrorCode } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import { type Changes, createChanges } from './changes.js';
import { createDataRing, type DataRing } from './data-ring.js';
import { dialFirst } from './first-dial.js';
import { createReceiver, endSessions } from './pull-reports.js';
import { createPullStatus, hasHadMedia, type PullStatus } from './pull-status.js';
import { createPullThread, type PullThreadOptions, type Supervised } from './pull-thread.js';
import type { RecordingOptions } from './recording-state.js';
import type { ViewerIndex } from './viewer-index.js';

interface PullOptions extends Pick<PullThreadOptions, 'threads' | 'policy' | 'nowMs' | 'random' | 'log' | 'timings'> {
  /** As first requested. */
  readonly wanted: WantedSpec;
  /** The address at the node that it is taken from; null: it is taken from its sources. */
  readonly parentUri: string | null;
  readonly uriKey: string;
  readonly by: PullOwner;
  readonly viewers: ViewerIndex;
  /** How long viewers keep their sessions while the source is away, ms. */
  readonly sourceGraceMs: number;
  /** Its status has changed. */
  readonly onStatus: () => void;
  /** The pull ended without `end`: STOPPED, or FAILED for a cause that does not go away by itself. */
  readonly onOver: () => void;
  /** RTMP players have come or gone. */
  readonly onPlayers: () => void;
}

interface WantedSpec extends StreamSpec {
  readonly origin: PullOrigin;
}

export interface Pull {
  /** As it is requested, wherever it is taken from. */
  wanted(): WantedSpec;
  /** As its thread has it: of one that is taken from another node (origin `edge`) with the address there, which nobody is shown. */
  readonly spec: StreamSpec;
  /** The same for all spellings of its first uri (core/rtmp/url.ts). */
  readonly uriKey: string;
  /** Who wants it. */
  readonly by: PullOwner;
  /** UTC. */
  readonly createdAtMs: number;
  /** Without credentials. Masked once: find_all of 500 pulls would mask 1,000 uris at each call. */
  readonly maskedUris: readonly string[];
  readonly status: PullStatus;
  /** What the source sends beside audio and video. */
  readonly data: Pick<DataRing, 'lastSeq' | 'metadata' | 'since'>;
  readonly restarts: number;
  /** How its thread stands, whatever it does. */
  readonly supervised: Supervised;
  /** The thread that answers calls: up, and not asked to stop. */
  readonly thread: ActorThread | null;
  /** Fires whenever one of the above changed. */
  readonly changes: Changes;
  /** It has another owner and name from now on; its thread learns of it when it is restarted. */
  adopt(by: Adoption): void;
  /**
   * It is taken from another node from now on; null: from its sources. Viewers wait as for a source that was lost. Resolves when nothing
   * comes from where it was taken before.
   */
  pointTo(parentUri: string | null): Promise<void>;
  /** Errors: as PullThread.replace. */
  replaceThread(): Promise<HandOverReport | null>;
  /** FAILED from now on, unless it has had media, or is over. */
  giveUp(): void;
  /** STOPPED from now on; resolves when the thread is gone. */
  end(reason: LeaveReason): Promise<void>;
}

export interface PullOwner {
  /** What it may be found by beside its uri; null: nothing. Its local name may be a masked address, which is no key. */
  readonly givenName: string | null;
  /** The client (core/guard/ip-address.ts, `clientKey`) whose viewer started it; null: none did. */
  readonly client: string | null;
  readonly record: boolean;
  /** Absent: as configured. */
  readonly recording?: RecordingOptions | undefined;
}

export interface Adoption extends Pick<WantedSpec, 'localName' | 'origin'> {
  readonly by: PullOwner;
}

/** True for a pull that a viewer started. */
export const isOfViewer = ({ spec }: Pick<Pull, 'spec'>): boolean => spec.origin === 'viewer';

/** True for a pull that ends when nobody takes it any more. */
export const isOnDemand = ({ spec }: Pick<Pull, 'spec'>): boolean => spec.origin === 'viewer' || spec.origin === 'edge';

/** Kept data of a stream: some minutes of captions. */
const maxDataEvents = 256;
const maxDataLength = 131_072;

export function createPull(options: PullOptions): Pull {
  const { viewers, onOver, onPlayers } = options;
  const { pullId } = options.wanted;
  let { wanted, by, parentUri } = options;
  let spec = specAt(wanted, parentUri);
  const changes = createChanges();
  const data = createDataRing({ maxEvents: maxDataEvents, maxLength: maxDataLength });

  const usableThread = (): ActorThread | null => (status.current.isOver ? null : thread.up);

  const endViewers = (reason: ErrorCode): void => endSessions(viewers, pullId, usableThread(), reason);

  const status = createPullStatus({
    sourceGraceMs: options.sourceGraceMs,
    onChange: inTurn(changes.notify, options.onStatus),
    onLost: (reason) => viewers.sourceChanged(pullId, reason),
    onBack: () => viewers.sourceChanged(pullId, null),
    onGraceOver: (reason) => endViewers(reason === 'source.ended' ? reason : 'stream.failed'),
  });

  const fail = (reason: ErrorCode, detail: string): void => {
    status.become('FAILED', reason, detail, true);
    endViewers(reason);
    void thread.stop('source');
    onOver();
  };

  /** A viewer's address is dialled once: again only when it has played. */
  const isOnTrial = (): boolean => isOfViewer({ spec }) && !status.current.isOver && !hasHadMedia(status.current);

  const onSourceState = ({ state, reason, detail }: ActorEvent & { readonly kind: 'source.state' }): void => {
    if (state === 'PENDING' && reason !== null && isOnTrial()) fail(reason, detail);
    else if (state === 'FAILED') fail(reason ?? 'stream.failed', detail);
    else if (state === 'CONNECTED' && reason === null) {
      data.newSession();
      // A source that accepts again and again, and sends nothing, has the reason of its last loss until media comes.
      status.become(state, status.current.reason, status.current.detail);
    } else if (state !== 'STOPPED') {
      status.become(state, reason, detail);
    }
  };

  const onExit = (error: string, next: RestartDecision): void => {
    status.update({ players: 0 });
    if (next.kind !== 'restart') endViewers('actor.dead');
    const [state, why] = stateBehind(next);
    status.become(state, why, why === null ? '' : withoutHostPaths(error), why === null);
    if (why === null) onOver();
  };

  const thread = createPullThread({
    ...options,
    spec: () => spec,
    isWatched: () => viewers.count(pullId) > 0,
    viewers: () => viewers.servedByThread(pullId),
    onUp: changes.notify,
    onEvent: createReceiver({ pullId, viewers, data, status, onSourceState, onPlayers }),
    onLost: (viewerId) => viewers.end(viewerId, 'actor.dead'),
    onExit,
    onRestart: () => status.become('PENDING', 'actor.dead', status.current.detail),
  });

  void dialFirst({
    isOnTrial,
    probe: () => options.threads.probe(spec.uri),
    begin: thread.begin,
    onFailed(reason, detail) {
      options.log('warn', 'source.notAnswered', { name: spec.localName, pullId, reason, detail });
      fail(reason, detail);
    },
  });

  return {
    wanted: () => wanted,
    get spec() {
      return spec;
    },
    get by() {
      return by;
    },
    uriKey: options.uriKey,
    createdAtMs: Date.now(),
    maskedUris: [wanted.uri, ...wanted.standbyUris].map(maskUri),
    changes,
    data,
    get supervised() {
      return thread.supervised;
    },
    get status() {
      return status.current;
    },
    get restarts() {
      return thread.restarts;
    },
    get thread() {
      return usableThread();
    },
    adopt({ localName, origin, ...adoption }) {
      wanted = { ...wanted, localName, origin };
      spec = specAt(wanted, parentUri);
      by = adoption.by;
      changes.notify();
    },
    async pointTo(uri) {
      parentUri = uri;
      spec = specAt(wanted, parentUri);
      status.update({ linkDelayMs: null });
      await thread.pointTo(placeOf(spec));
    },
    replaceThread: thread.replace,
    giveUp() {
      const { reason, detail, isOver } = status.current;
      if (!isOver && spec.origin !== 'edge' && !hasHadMedia(status.current)) fail(reason ?? 'source.noMedia', detail);
    },
    async end(reason) {
      status.become('STOPPED', null, '', true);
      await thread.stop(reason);
    },
  };
}

/** What a pull is when its thread has ended; with a reason it comes back. */
const stateBehind = ({ kind }: RestartDecision) =>
  kind === 'end' ? (['STOPPED', null] as const) : ([kind === 'failed' ? 'FAILED' : 'PENDING', 'actor.dead'] as const);

/** What its thread takes of another node is that node's business to choose. */
const specAt = (wanted: StreamSpec, parentUri: string | null): StreamSpec =>
  parentUri === null ? wanted : { ...wanted, uri: parentUri, standbyUris: [], origin: 'edge' };
const placeOf = ({ uri, standbyUris, origin }: StreamSpec): SourcePlace => ({ uris: [uri, ...standbyUris], origin });
const inTurn = (first: () => void, second: () => void) => (): void => {
  first();
  second();
};
