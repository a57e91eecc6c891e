/**
 * One wanted stream from its request to its end: what was requested, the status that clients see (ARCHITECTURE.md, The
 * life of a pull), and the reports of its actor.
 */
import type { ActorEvent, LeaveReason, StreamSpec, ViewerEvent } from '../../actors/contract.js';
import { withoutHostPaths } from '../core/guard/host-paths.js';
import { maskUri } from '../core/rtmp/url.js';
import type { HandOverReport } from '../core/supervise/child.js';
import type { RestartDecision } from '../core/supervise/policy.js';
import type { ErrorCode } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import { type Changes, createChanges } from './changes.js';
import { createDataRing, type DataRing, type SourceData } from './data-ring.js';
import { dialFirst } from './first-dial.js';
import { createPullStatus, hasHadMedia, type PullStatus, type StatusOfPull } from './pull-status.js';
import { createPullThread, type PullThreadOptions, type Supervised } from './pull-thread.js';
import type { ViewerIndex } from './viewer-index.js';

interface PullOptions extends Pick<PullThreadOptions, 'threads' | 'policy' | 'nowMs' | 'random' | 'log' | 'timings'> {
  /** As first requested. */
  readonly spec: StreamSpec;
  readonly uriKey: string;
  readonly by: PullOwner;
  readonly viewers: ViewerIndex;
  /** How long viewers keep their sessions while the source is away, ms. */
  readonly sourceGraceMs: number;
  /** Its status is another one. */
  readonly onStatus: () => void;
  /** The pull ended without `end`: STOPPED, or FAILED for a cause that does not mend itself. */
  readonly onOver: () => void;
  /** RTMP players have come or gone. */
  readonly onPlayers: () => void;
}

export interface Pull {
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
  /** From now on it is wanted by another, under another name; its thread learns of it when it is restarted. */
  adopt(by: Adoption): void;
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
}

export interface Adoption extends Pick<StreamSpec, 'localName' | 'origin'> {
  readonly by: PullOwner;
}

/** True for a pull that a viewer started: it ends when nobody watches any more. */
export const isOnDemand = ({ spec }: Pick<Pull, 'spec'>): boolean => spec.origin === 'viewer';

/** Kept data of a stream: some minutes of captions. */
const maxDataEvents = 256;
const maxDataLength = 131_072;

export function createPull(options: PullOptions): Pull {
  const { viewers, onOver } = options;
  const { pullId } = options.spec;
  let { spec, by } = options;
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
  const { become } = status;

  const fail = (reason: ErrorCode, detail: string): void => {
    become('FAILED', reason, detail, true);
    endViewers(reason);
    void thread.stop('source');
    onOver();
  };

  /** A viewer's address is dialled once: again only when it has played. */
  const isOnTrial = (): boolean => isOnDemand({ spec }) && !status.current.isOver && !hasHadMedia(status.current);

  const onSourceState = ({ state, reason, detail }: ActorEvent & { readonly kind: 'source.state' }): void => {
    if (state === 'PENDING' && reason !== null && isOnTrial()) fail(reason, detail);
    else if (state === 'FAILED') fail(reason ?? 'stream.failed', detail);
    else if (state === 'CONNECTED' && reason === null) {
      data.newSession();
      // A source that accepts again and again, and sends nothing, has the reason of its last loss until media comes.
      become(state, status.current.reason, status.current.detail);
    } else if (state !== 'STOPPED') {
      become(state, reason, detail);
    }
  };

  const onEvent = createReceiver(options, { pullId, viewers, data, status, onSourceState });

  const onExit = (error: string, next: RestartDecision): void => {
    status.update({ players: 0 });
    if (next.kind !== 'restart') endViewers('actor.dead');
    const [state, why] = stateBehind(next);
    become(state, why, why === null ? '' : withoutHostPaths(error), why === null);
    if (why === null) onOver();
  };

  const thread = createPullThread({
    ...options,
    spec: () => spec,
    isWatched: () => viewers.count(pullId) > 0,
    viewers: () => viewers.servedByThread(pullId),
    onUp: changes.notify,
    onEvent,
    onLost: (viewerId) => viewers.end(viewerId, 'actor.dead'),
    onExit,
    onRestart: () => become('PENDING', 'actor.dead', status.current.detail),
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
    get spec() {
      return spec;
    },
    get by() {
      return by;
    },
    uriKey: options.uriKey,
    createdAtMs: Date.now(),
    maskedUris: [spec.uri, ...spec.standbyUris].map(maskUri),
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
      spec = { ...spec, localName, origin };
      by = adoption.by;
      changes.notify();
    },
    replaceThread: thread.replace,
    giveUp() {
      const { reason, detail, isOver } = status.current;
      if (!isOver && !hasHadMedia(status.current)) fail(reason ?? 'source.noMedia', detail);
    },
    async end(reason) {
      become('STOPPED', null, '', true);
      await thread.stop(reason);
    },
  };
}

/** What a pull is when its thread has ended; with a reason it comes back. */
const stateBehind = ({ kind }: RestartDecision) =>
  kind === 'end' ? (['STOPPED', null] as const) : ([kind === 'failed' ? 'FAILED' : 'PENDING', 'actor.dead'] as const);
const inTurn = (first: () => void, second: () => void) => (): void => {
  first();
  second();
};

interface ReceiverParts {
  readonly pullId: string;
  readonly viewers: ViewerIndex;
  readonly data: DataRing;
  readonly status: StatusOfPull;
  readonly onSourceState: (event: ActorEvent & { readonly kind: 'source.state' }) => void;
}

/** Takes what the thread reports. */
function createReceiver(
  { onPlayers }: Pick<PullOptions, 'onPlayers'>,
  parts: ReceiverParts,
): PullThreadOptions['onEvent'] {
  const { pullId, viewers, data, status } = parts;
  return (event) => {
    switch (event.kind) {
      case 'viewer.connected':
      case 'viewer.lowered':
      case 'viewer.ended':
        return passOn(viewers, event);
      case 'viewer.session':
      case 'port.opened':
      case 'port.closed':
        return;
      case 'players.changed':
        status.update({ players: event.players });
        return onPlayers();
      case 'source.playing':
        return status.update({ playing: event.index, remoteSessionId: event.remoteSessionId });
      case 'source.data': {
        const received = readData(event);
        data.add(received, event.values.length);
        return viewers.sourceData(pullId, received);
      }
      case 'source.media':
        status.update({ media: event.media });
        // A thread that takes over learns of one track after the other: viewers are told when all is known.
        if (status.current.state === 'PROCESSED_REMOTE') viewers.mediaChanged(pullId, event.media);
        return;
      case 'source.state':
        if (status.current.isOver) return;
        parts.onSourceState(event);
        if (event.state === 'PROCESSED_REMOTE') viewers.mediaChanged(pullId, status.current.media);
        return;
    }
  };
}

function endSessions(viewers: ViewerIndex, pullId: string, thread: ActorThread | null, reason: ErrorCode): void {
  for (const viewerId of viewers.sessionsOf(pullId)) {
    thread?.actor.leave(viewerId, 'source').catch(() => {});
    viewers.end(viewerId, reason);
  }
}

function passOn(viewers: ViewerIndex, event: Exclude<ViewerEvent, { readonly kind: 'viewer.session' }>): void {
  switch (event.kind) {
    case 'viewer.connected':
      viewers.connected(event.viewerId, event.iceMs, event.dtlsMs);
      break;
    case 'viewer.lowered':
      viewers.lowered(event.viewerId, event.sourceKbps, event.estimateKbps);
      break;
    case 'viewer.ended':
      viewers.end(event.viewerId, event.reason);
      break;
  }
}

function readData(event: ActorEvent & { readonly kind: 'source.data' }): SourceData {
  const values: unknown = JSON.parse(event.values);
  const { name, timestampMs, receivedMs } = event;
  return { name, values: Array.isArray(values) ? values : [], timestampMs, receivedMs };
}
