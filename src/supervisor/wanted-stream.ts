/**
 * The life of one wanted stream: its thread is started, watched, restarted by the policy, and ended. Its states are those
 * that WCS clients see (ARCHITECTURE.md, The life of a pull).
 */
import type { ActorEvent, LeaveReason, SourceState, StreamSpec } from '../../actors/contract.js';
import type { MediaInfo } from '../core/codec/media-info.js';
import { type ChildExit, decideRestart, neverRestarted, type PolicyLimits } from '../core/supervise/policy.js';
import type { ErrorCode } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { ActorThread, ThreadEnd } from '../threads/actor-thread.js';
import type { StartGate } from '../threads/start-gate.js';
import { type Changes, createChanges } from './changes.js';
import { createDataRing, type DataRing, type SourceData } from './data-ring.js';

export interface WantedStreamOptions {
  readonly spec: StreamSpec;
  readonly startThread: (spec: StreamSpec, onEvent: (event: ActorEvent) => void) => ActorThread;
  readonly gate: StartGate;
  readonly policy: PolicyLimits;
  readonly sourceGraceMs: number;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly isWatched: () => boolean;
  readonly onViewerConnected: (viewerId: string) => void;
  readonly onViewerLowered: (viewerId: string, sourceKbps: number, estimateKbps: number) => void;
  /** The source said something beside audio and video. */
  readonly onData: (data: SourceData) => void;
  readonly onViewerEnded: (viewerId: string, reason: ErrorCode | null) => void;
  /** All viewers with a session are to be told that it has ended. */
  readonly onViewersLost: (reason: ErrorCode) => void;
  /** Nothing will be tried any more: STOPPED by itself, or FAILED for a cause that cannot mend itself. */
  readonly onOver: () => void;
}

export interface WantedStream {
  readonly spec: StreamSpec;
  readonly state: SourceState;
  readonly reason: ErrorCode | null;
  readonly detail: string;
  readonly media: MediaInfo;
  /** What the source says beside audio and video. */
  readonly data: Pick<DataRing, 'lastSeq' | 'metadata' | 'since'>;
  /** The source that plays, as an index: 0 is the spec's `uri`; null while none does. */
  readonly playing: number | null;
  readonly restarts: number;
  /** True when nothing is tried any more. */
  readonly isOver: boolean;
  /** The thread that is up and not being ended. */
  readonly thread: ActorThread | null;
  /** Told whenever one of the above changed. */
  readonly changes: Changes;
  /** STOPPED from now on; resolves when the thread is gone. */
  end(reason: LeaveReason): Promise<void>;
}

/** A start that hangs must not keep its place from the others, ms. */
const startPlaceMs = 10_000;
/** Data of a stream that are kept: some minutes of captions. */
const maxDataEvents = 256;
const maxDataLength = 131_072;
const noMedia: MediaInfo = { video: null, audio: null };

/** What lists say of it. */
interface Shown {
  state: SourceState;
  reason: ErrorCode | null;
  detail: string;
  media: MediaInfo;
}

export function createWantedStream(options: WantedStreamOptions): WantedStream {
  const { spec, gate, policy, nowMs, onViewersLost } = options;
  const names = { name: spec.localName, pullId: spec.pullId };
  const changes = createChanges();
  const data = createDataRing({ maxEvents: maxDataEvents, maxLength: maxDataLength });
  const shown: Shown = { state: 'NEW', reason: null, detail: '', media: noMedia };
  let playing: number | null = null;
  let running: ActorThread | null = null;
  /** The running thread has said something. */
  let isUp = false;
  let isOver = false;
  let history = neverRestarted;
  let restarts = 0;
  let lastSeq = 0;
  let takeBack = (): unknown => false;
  let restartTimer: NodeJS.Timeout | undefined;
  let graceTimer: NodeJS.Timeout | undefined;

  const show = (state: SourceState, reason: ErrorCode | null, detail: string): void => {
    Object.assign(shown, { state, reason, detail });
    if (state !== 'CONNECTED' && state !== 'PROCESSED_REMOTE') playing = null;
    if (state === 'PROCESSED_REMOTE' || isOver) {
      clearTimeout(graceTimer);
      graceTimer = undefined;
    } else if (reason !== null) {
      graceTimer ??= setTimeout(() => onViewersLost('stream.failed'), options.sourceGraceMs);
    }
    changes.told();
  };

  const finish = (state: 'STOPPED' | 'FAILED', reason: ErrorCode | null, detail: string): void => {
    isOver = true;
    clearTimeout(restartTimer);
    takeBack();
    show(state, reason, detail);
  };

  const stopRunning = async (reason: LeaveReason): Promise<void> => {
    await running?.stop(reason);
  };

  const onSourceState = (event: ActorEvent & { readonly kind: 'source.state' }): void => {
    if (event.state === 'FAILED') {
      finish('FAILED', event.reason, event.detail);
      onViewersLost(event.reason ?? 'stream.failed');
      void stopRunning('source');
      options.onOver();
    } else if (event.state === 'CONNECTED') {
      data.newSession();
      // A source that accepts again and again, and sends nothing, has the reason of its last loss until media comes.
      show(event.state, shown.reason, shown.detail);
    } else if (event.state !== 'STOPPED') {
      show(event.state, event.reason, event.detail);
    }
  };

  const onData = ({ name, values: text, timestampMs, receivedMs }: ActorEvent & { readonly kind: 'source.data' }) => {
    const values: unknown = JSON.parse(text);
    const said = { name, values: Array.isArray(values) ? values : [], timestampMs, receivedMs };
    data.add(said, text.length);
    options.onData(said);
  };

  const onLine = (event: ActorEvent & { readonly kind: 'log' }): void => {
    if (event.seq > lastSeq + 1) options.log('warn', 'actor.linesLost', { ...names, lines: event.seq - lastSeq - 1 });
    lastSeq = event.seq;
    options.log(event.level, event.event, { ...event.fields, ...names });
  };

  const onEvent = (event: ActorEvent): void => {
    switch (event.kind) {
      case 'log':
        onLine(event);
        break;
      case 'viewer.connected':
        options.onViewerConnected(event.viewerId);
        break;
      case 'viewer.lowered':
        options.onViewerLowered(event.viewerId, event.sourceKbps, event.estimateKbps);
        break;
      case 'viewer.ended':
        options.onViewerEnded(event.viewerId, event.reason);
        break;
      case 'source.playing':
        playing = event.index;
        break;
      case 'source.data':
        onData(event);
        break;
      case 'source.media':
        shown.media = event.media;
        changes.told();
        break;
      case 'source.state':
        if (!isOver) onSourceState(event);
        break;
    }
  };

  const onThreadEnded = ({ cause, exitCode, error, lifeMs }: ThreadEnd): void => {
    running = null;
    isUp = false;
    const exit: ChildExit = isOver ? 'asked' : cause === 'stopped' ? 'normal' : 'abnormal';
    const fields = { ...names, cause, exitCode, error, lifeMs: Math.round(lifeMs) };
    options.log(exit === 'abnormal' ? 'error' : 'info', 'actor.ended', fields);
    if (isOver) return;
    onViewersLost('actor.dead');
    const decided = decideRestart(history, exit, nowMs(), options.random(), policy);
    history = decided.history;
    const { decision } = decided;
    switch (decision.kind) {
      case 'end':
        finish('STOPPED', null, '');
        options.onOver();
        break;
      case 'restart':
        restartTimer = setTimeout(again, decision.afterMs);
        show('PENDING', 'actor.dead', error);
        break;
      case 'failed':
        options.log('error', 'stream.failed', { ...names, restarts, probeAfterMs: decision.probeAfterMs });
        restartTimer = setTimeout(again, decision.probeAfterMs);
        show('FAILED', 'actor.dead', error);
        break;
    }
  };

  const start = (done: () => void): void => {
    const place = setTimeout(done, startPlaceMs);
    const leavePlace = (): void => {
      clearTimeout(place);
      done();
    };
    lastSeq = 0;
    const hear = (event: ActorEvent): void => {
      if (!isUp) {
        isUp = true;
        leavePlace();
        changes.told();
      }
      onEvent(event);
    };
    try {
      running = options.startThread(spec, hear);
    } catch (error) {
      // No thread is to be had now: a crash like any other, for later.
      leavePlace();
      setImmediate(onThreadEnded, { cause: 'crashed', exitCode: -1, error: String(error), lifeMs: 0 });
      return;
    }
    void running.ended.then((end) => {
      leavePlace();
      onThreadEnded(end);
    });
  };

  const request = (): void => {
    takeBack = gate.request(start, options.isWatched);
  };

  const again = (): void => {
    restarts += 1;
    show('PENDING', 'actor.dead', shown.detail);
    request();
  };

  const stream: WantedStream = {
    spec,
    changes,
    data,
    get state() {
      return shown.state;
    },
    get reason() {
      return shown.reason;
    },
    get detail() {
      return shown.detail;
    },
    get media() {
      return shown.media;
    },
    get playing() {
      return playing;
    },
    get restarts() {
      return restarts;
    },
    get isOver() {
      return isOver;
    },
    get thread() {
      return isUp && !isOver ? running : null;
    },
    async end(reason) {
      finish('STOPPED', null, '');
      await stopRunning(reason);
    },
  };
  request();
  return stream;
}
