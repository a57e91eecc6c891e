/**
 * One wanted stream from its request to its end: what was requested, the status that clients see (ARCHITECTURE.md, The
 * life of a pull), and the reports of its actor.
 */
import type { ActorEvent, LeaveReason, SourceState, StreamSpec } from '../../actors/contract.js';
import type { MediaInfo } from '../core/codec/media-info.js';
import { maskUri } from '../core/rtmp/url.js';
import type { RestartDecision } from '../core/supervise/policy.js';
import type { ErrorCode } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import { type Changes, createChanges } from './changes.js';
import { createDataRing, type DataRing, type SourceData } from './data-ring.js';
import { createPullThread, type PullThreadOptions } from './pull-thread.js';
import type { ViewerIndex } from './viewer-index.js';

interface PullOptions extends Pick<PullThreadOptions, 'threads' | 'policy' | 'nowMs' | 'random' | 'log'> {
  readonly spec: StreamSpec;
  readonly uriKey: string;
  readonly record: boolean;
  readonly viewers: ViewerIndex;
  /** How long viewers keep their sessions while the source is away, ms. */
  readonly sourceGraceMs: number;
  /** The pull ended without `end`: STOPPED, or FAILED for a cause that does not mend itself. */
  readonly onOver: () => void;
}

/** What clients see of a pull. Immutable: a change replaces it. */
interface PullStatus {
  readonly state: SourceState;
  /** Why the source was lost, until its media comes again; why it FAILED; null while all is well. */
  readonly reason: ErrorCode | null;
  readonly detail: string;
  readonly media: MediaInfo;
  /** The source that plays, as an index: 0 is the spec's `uri`; null while none does. */
  readonly playing: number | null;
  /** True when nothing is tried any more. */
  readonly isOver: boolean;
}

export interface Pull {
  readonly spec: StreamSpec;
  /** The same for all spellings of its first uri (core/rtmp/url.ts). */
  readonly uriKey: string;
  readonly record: boolean;
  /** UTC. */
  readonly createdAtMs: number;
  /** Without credentials. Masked once: find_all of 500 pulls would mask 1,000 uris at each call. */
  readonly maskedUris: readonly string[];
  readonly status: PullStatus;
  /** What the source sends beside audio and video. */
  readonly data: Pick<DataRing, 'lastSeq' | 'metadata' | 'since'>;
  readonly restarts: number;
  /** The thread that answers calls: up, and not asked to stop. */
  readonly thread: ActorThread | null;
  /** Fires whenever one of the above changed. */
  readonly changes: Changes;
  /** STOPPED from now on; resolves when the thread is gone. */
  end(reason: LeaveReason): Promise<void>;
}

/** True for a pull that a viewer started: it ends when nobody watches any more. */
export const isOnDemand = ({ spec }: Pull): boolean => spec.origin === 'viewer';

/** Kept data of a stream: some minutes of captions. */
const maxDataEvents = 256;
const maxDataLength = 131_072;

const newPull: PullStatus = {
  state: 'NEW',
  reason: null,
  detail: '',
  media: { video: null, audio: null },
  playing: null,
  isOver: false,
};

export function createPull(options: PullOptions): Pull {
  const { spec, viewers, onOver } = options;
  const { pullId } = spec;
  const changes = createChanges();
  const data = createDataRing({ maxEvents: maxDataEvents, maxLength: maxDataLength });
  let status = newPull;
  let graceTimer: NodeJS.Timeout | undefined;

  const usableThread = (): ActorThread | null => (status.isOver ? null : thread.up);

  const endViewers = (reason: ErrorCode): void => {
    for (const viewerId of viewers.sessionsOf(pullId)) {
      usableThread()
        ?.actor.leave(viewerId, 'source')
        .catch(() => {});
      viewers.end(viewerId, reason);
    }
  };

  const update = (change: Partial<PullStatus>): void => {
    status = { ...status, ...change };
    changes.notify();
  };

  const become = (state: SourceState, reason: ErrorCode | null, detail: string, isOver = false): void => {
    const isConnected = state === 'CONNECTED' || state === 'PROCESSED_REMOTE';
    update({ state, reason, detail, isOver, playing: isConnected ? status.playing : null });
    if (state === 'PROCESSED_REMOTE' || isOver) {
      clearTimeout(graceTimer);
      graceTimer = undefined;
    } else if (reason !== null) {
      graceTimer ??= setTimeout(() => endViewers('stream.failed'), options.sourceGraceMs);
    }
  };

  const onSourceState = ({ state, reason, detail }: ActorEvent & { readonly kind: 'source.state' }): void => {
    if (state === 'FAILED') {
      become('FAILED', reason, detail, true);
      endViewers(reason ?? 'stream.failed');
      void thread.stop('source');
      onOver();
    } else if (state === 'CONNECTED') {
      data.newSession();
      // A source that accepts again and again, and sends nothing, has the reason of its last loss until media comes.
      become(state, status.reason, status.detail);
    } else if (state !== 'STOPPED') {
      become(state, reason, detail);
    }
  };

  const onEvent: PullThreadOptions['onEvent'] = (event) => {
    switch (event.kind) {
      case 'viewer.connected':
        return viewers.connected(event.viewerId);
      case 'viewer.lowered':
        return viewers.lowered(event.viewerId, event.sourceKbps, event.estimateKbps);
      case 'viewer.ended':
        return viewers.end(event.viewerId, event.reason);
      case 'source.playing':
        return update({ playing: event.index });
      case 'source.data': {
        const received = readData(event);
        data.add(received, event.values.length);
        return viewers.sourceData(pullId, received);
      }
      case 'source.media':
        return update({ media: event.media });
      case 'source.state':
        if (!status.isOver) onSourceState(event);
        return;
    }
  };

  const onExit = (error: string, next: RestartDecision): void => {
    endViewers('actor.dead');
    if (next.kind === 'end') {
      become('STOPPED', null, '', true);
      onOver();
    } else {
      become(next.kind === 'failed' ? 'FAILED' : 'PENDING', 'actor.dead', error);
    }
  };

  const thread = createPullThread({
    spec,
    threads: options.threads,
    policy: options.policy,
    nowMs: options.nowMs,
    random: options.random,
    log: options.log,
    isWatched: () => viewers.count(pullId) > 0,
    onUp: changes.notify,
    onEvent,
    onExit,
    onRestart: () => become('PENDING', 'actor.dead', status.detail),
  });

  return {
    spec,
    uriKey: options.uriKey,
    record: options.record,
    createdAtMs: Date.now(),
    maskedUris: [spec.uri, ...spec.standbyUris].map(maskUri),
    changes,
    data,
    get status() {
      return status;
    },
    get restarts() {
      return thread.restarts;
    },
    get thread() {
      return usableThread();
    },
    async end(reason) {
      become('STOPPED', null, '', true);
      await thread.stop(reason);
    },
  };
}

function readData(event: ActorEvent & { readonly kind: 'source.data' }): SourceData {
  const values: unknown = JSON.parse(event.values);
  const { name, timestampMs, receivedMs } = event;
  return { name, values: Array.isArray(values) ? values : [], timestampMs, receivedMs };
}
