/**
 * The thread of one pull, over all its restarts: it starts when the start gate lets it, and restarts by the restart policy
 * (core/supervise/policy.ts).
 */
import type { ActorEvent, LeaveReason, SourcePlace, StreamSpec } from '../../actors/contract.js';
import type { ChildRecord, ChildState, HandOverReport, Vitals } from '../core/supervise/child.js';
import type { ChildExit, PolicyLimits, RestartDecision } from '../core/supervise/policy.js';
import type { LogEvent, Logger } from '../log-line.js';
import type { ActorThread, ThreadEnd } from '../threads/actor-thread.js';
import type { Threads } from '../threads/threads.js';
import { createAliveThreads } from './alive-threads.js';
import { createHandOvers } from './hand-over.js';
import { createRestarts } from './restarts.js';
import { createReplacement } from './successor.js';
import type { Timings } from './timings.js';

export interface PullThreadOptions {
  /** As it is at each start. */
  readonly spec: () => StreamSpec;
  readonly threads: Pick<Threads, 'gate' | 'start' | 'probe' | 'shardsGone' | 'stateOf'>;
  readonly policy: PolicyLimits;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly timings: Pick<Timings, 'note'>;
  /** True while the stream has viewers: it starts before streams without. */
  readonly isWatched: () => boolean;
  /** The viewers that have a session now. */
  readonly viewers: () => readonly string[];
  /** The thread of this viewer died, and no other one can go on with it. */
  readonly onLost: (viewerId: string) => void;
  /** The thread is up: called once per start, before its first event. */
  readonly onUp: () => void;
  readonly onEvent: (event: Exclude<ActorEvent, LogEvent>) => void;
  /** The thread ended without `stop`, or could not be started. `next`: the decision of the policy. */
  readonly onExit: (error: string, next: RestartDecision) => void;
  readonly onRestart: () => void;
}

export interface Supervised {
  readonly state: ChildState;
  readonly record: ChildRecord;
  /** Of its thread; null while there is none. */
  readonly vitals: Vitals | null;
}

export interface PullThread {
  /** The first start; once. */
  begin(): void;
  /** Null while none is up. */
  readonly up: ActorThread | null;
  readonly restarts: number;
  /** How it stands, whatever its thread does. */
  readonly supervised: Supervised;
  /**
   * Another thread takes the place of this one, in order, once it has the source's media. Errors, which leave all as it was:
   * stream.notLive while none is up, request.tooMany while it is under way, and why the other one has no media (source.*).
   */
  replace(): Promise<HandOverReport | null>;
  /** The stream is taken from elsewhere: its thread does so once this resolves, or is gone; one that starts does so from its start on. */
  pointTo(place: SourcePlace): Promise<void>;
  /** No start from now on; resolves when the thread is gone. Nothing but `onEvent` is called any more. */
  stop(reason: LeaveReason): Promise<void>;
}

/** After this time a start that hangs leaves the gate to others, ms. */
const maxStartMs = 10_000;

export function createPullThread(options: PullThreadOptions): PullThread {
  const { spec, threads } = options;
  const handOvers = createHandOvers({
    ...options,
    portsFree: () => threads.shardsGone(spec().pullId),
    onDone: (report) => tellHandOver(options, ids(), report),
  });
  const ids = (): Ids => ({ name: spec().localName, pullId: spec().pullId });
  let running: ActorThread | null = null;
  let isUp = false;
  let isStopped = false;
  let count = 0;
  let cancelRequest = (): unknown => false;
  const alive = createAliveThreads((onEvent) => threads.start(spec(), onEvent));

  const onEnded = ({ cause, exitCode, error, lifeMs }: ThreadEnd): void => {
    running = null;
    isUp = false;
    const exit: ChildExit = isStopped ? 'asked' : cause === 'stopped' ? 'normal' : 'abnormal';
    const fields = { ...ids(), cause, exitCode, error, lifeMs: Math.round(lifeMs) };
    options.log(exit === 'abnormal' ? 'error' : 'info', 'actor.ended', fields);
    if (isStopped) return;
    const next = restarts.ended(exit, { cause, error });
    if (next.kind === 'restart') handOvers.threadLost();
    else handOvers.release();
    if (next.kind === 'failed') {
      options.log('error', 'stream.failed', { ...ids(), restarts: count, probeAfterMs: next.probeAfterMs });
    }
    options.onExit(error, next);
  };

  /** A thread that was replaced has nothing to say any more. */
  const receive = (thread: ActorThread | null, event: Exclude<ActorEvent, LogEvent>): void => {
    if (running !== thread) return;
    handOvers.saw(event);
    options.onEvent(event);
  };

  const own = (thread: ActorThread, leaveGate: () => void): void => {
    running = thread;
    void thread.ended.then((end) => {
      leaveGate();
      if (running === thread) onEnded(end);
    });
  };

  const start = (done: () => void): void => {
    const leaveGate = within(maxStartMs, done);
    const forward = createLogForward(options.log, ids);
    let thread: ActorThread | null = null;
    const onEvent = (event: ActorEvent): void => {
      if (!isUp && thread !== null && running === thread) {
        isUp = true;
        leaveGate();
        options.onUp();
        void handOvers.giveTo(thread);
      }
      if (event.kind === 'log') forward(event);
      else receive(thread, event);
    };
    try {
      thread = alive.start(onEvent);
      own(thread, leaveGate);
    } catch (error) {
      // The system cannot start a thread now. Handled like a crash: the policy retries later.
      leaveGate();
      setImmediate(onEnded, { cause: 'crashed', exitCode: -1, error: String(error), lifeMs: 0 });
    }
  };

  const replace = createReplacement({
    start: alive.start,
    newForward: () => createLogForward(options.log, ids),
    current: () => (isUp && !isStopped ? running : null),
    own: (thread) => own(thread, () => {}),
    receive,
    handOvers,
    onUp: options.onUp,
  });

  const request = (): void => {
    cancelRequest = threads.gate.request(start, options.isWatched);
  };

  const restarts = createRestarts({
    ...options,
    restart() {
      count += 1;
      options.onRestart();
      request();
    },
  });

  return {
    begin() {
      if (!isStopped) request();
    },
    get up() {
      return isUp ? running : null;
    },
    get restarts() {
      return count;
    },
    get supervised(): Supervised {
      const { lastEnd, next } = restarts;
      const record = { restarts: count, lastEnd, lastHandOver: handOvers.last, nextTryAtMs: next?.atMs ?? null };
      if (running === null) return { state: isStopped ? 'ended' : (next?.state ?? 'waiting'), vitals: null, record };
      return { state: isStopped ? 'ending' : threads.stateOf(running), vitals: running.vitals, record };
    },
    replace,
    pointTo: alive.pointTo,
    async stop(reason) {
      isStopped = true;
      restarts.cancel();
      cancelRequest();
      await running?.stop(reason);
      handOvers.release();
    },
  };
}

function tellHandOver(
  { log, timings }: Pick<PullThreadOptions, 'log' | 'timings'>,
  ids: Ids,
  report: HandOverReport,
): void {
  log('info', 'viewers.handedOver', { ...ids, ...report });
  timings.note('handOver', report.gapMs);
}

/** Calls `done` once: when the function that it gives is called, or after this time. */
function within(timeoutMs: number, done: () => void): () => void {
  const timer = setTimeout(done, timeoutMs);
  return () => {
    clearTimeout(timer);
    done();
  };
}

interface Ids {
  readonly name: string;
  readonly pullId: string;
}

/** Writes the lines of a thread to the log, and how many the thread has dropped. */
function createLogForward(log: Logger, ids: () => Ids) {
  let lastSeq = 0;
  return ({ seq, level, event, fields }: LogEvent): void => {
    if (seq > lastSeq + 1) log('warn', 'actor.linesLost', { ...ids(), lines: seq - lastSeq - 1 });
    lastSeq = seq;
    log(level, event, { ...fields, ...ids() });
  };
}
