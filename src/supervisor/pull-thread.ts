/**
 * The thread of one pull, over all its restarts: it starts when the start gate lets it, and restarts by the restart policy
 * (core/supervise/policy.ts).
 */
import type { ActorEvent, LeaveReason, StreamSpec } from '../../actors/contract.js';
import {
  type ChildExit,
  decideRestart,
  neverRestarted,
  type PolicyLimits,
  type RestartDecision,
} from '../core/supervise/policy.js';
import type { LogEvent, Logger } from '../log-line.js';
import type { ActorThread, ThreadEnd } from '../threads/actor-thread.js';
import type { Threads } from '../threads/threads.js';
import { createHandOvers, type HandOverReport } from './hand-over.js';

export interface PullThreadOptions {
  /** As it is at each start. */
  readonly spec: () => StreamSpec;
  readonly threads: Pick<Threads, 'gate' | 'start' | 'probe' | 'shardsGone'>;
  readonly policy: PolicyLimits;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** True while the stream has viewers: it starts before streams without. */
  readonly isWatched: () => boolean;
  /** The viewers that have a session now. */
  readonly sessions: () => readonly string[];
  /** The thread of this viewer died, and no other one can go on with it. */
  readonly onSessionLost: (viewerId: string) => void;
  /** The thread is up: called once per start, before its first event. */
  readonly onUp: () => void;
  readonly onEvent: (event: Exclude<ActorEvent, LogEvent>) => void;
  /** The thread ended without `stop`, or could not be started. `next`: the decision of the policy. */
  readonly onExit: (error: string, next: RestartDecision) => void;
  readonly onRestart: () => void;
}

interface PullThread {
  /** The first start; once. */
  begin(): void;
  /** Null while none is up. */
  readonly up: ActorThread | null;
  readonly restarts: number;
  readonly lastHandOver: HandOverReport | null;
  /** No start from now on; resolves when the thread is gone. Nothing but `onEvent` is called any more. */
  stop(reason: LeaveReason): Promise<void>;
}

/** After this time a start that hangs leaves the gate to others, ms. */
const maxStartMs = 10_000;

export function createPullThread(options: PullThreadOptions): PullThread {
  const { spec, threads, policy, nowMs, random } = options;
  const handOvers = createHandOvers({
    nowMs,
    viewers: options.sessions,
    portsFree: () => threads.shardsGone(spec().pullId),
    onLost: options.onSessionLost,
  });
  const ids = (): Ids => ({ name: spec().localName, pullId: spec().pullId });
  let running: ActorThread | null = null;
  let isUp = false;
  let isStopped = false;
  let history = neverRestarted;
  let restarts = 0;
  let restartTimer: NodeJS.Timeout | undefined;
  let cancelRequest = (): unknown => false;

  const onEnded = ({ cause, exitCode, error, lifeMs }: ThreadEnd): void => {
    running = null;
    isUp = false;
    const exit: ChildExit = isStopped ? 'asked' : cause === 'stopped' ? 'normal' : 'abnormal';
    const fields = { ...ids(), cause, exitCode, error, lifeMs: Math.round(lifeMs) };
    options.log(exit === 'abnormal' ? 'error' : 'info', 'actor.ended', fields);
    if (isStopped) return;
    const decided = decideRestart(history, exit, nowMs(), random(), policy);
    history = decided.history;
    const next = decided.decision;
    if (next.kind === 'restart') handOvers.threadLost();
    else handOvers.release();
    if (next.kind === 'restart') restartTimer = setTimeout(restart, next.afterMs);
    if (next.kind === 'failed') {
      options.log('error', 'stream.failed', { ...ids(), restarts, probeAfterMs: next.probeAfterMs });
      restartTimer = setTimeout(restart, next.probeAfterMs);
    }
    options.onExit(error, next);
  };

  const start = (done: () => void): void => {
    const placeTimer = setTimeout(done, maxStartMs);
    const leaveGate = (): void => {
      clearTimeout(placeTimer);
      done();
    };
    const forward = createLogForward(options.log, ids);
    const onEvent = (event: ActorEvent): void => {
      if (!isUp && running !== null) {
        isUp = true;
        leaveGate();
        options.onUp();
        void handOvers.giveTo(running);
      }
      if (event.kind === 'log') forward(event);
      else {
        handOvers.saw(event);
        options.onEvent(event);
      }
    };
    try {
      running = threads.start(spec(), onEvent);
    } catch (error) {
      // The system cannot start a thread now. Handled like a crash: the policy retries later.
      leaveGate();
      setImmediate(onEnded, { cause: 'crashed', exitCode: -1, error: String(error), lifeMs: 0 });
      return;
    }
    void running.ended.then((end) => {
      leaveGate();
      onEnded(end);
    });
  };

  const request = (): void => {
    cancelRequest = threads.gate.request(start, options.isWatched);
  };

  const restart = (): void => {
    restarts += 1;
    options.onRestart();
    request();
  };

  return {
    begin() {
      if (!isStopped) request();
    },
    get up() {
      return isUp ? running : null;
    },
    get restarts() {
      return restarts;
    },
    get lastHandOver() {
      return handOvers.last;
    },
    async stop(reason) {
      isStopped = true;
      clearTimeout(restartTimer);
      cancelRequest();
      await running?.stop(reason);
      handOvers.release();
    },
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
