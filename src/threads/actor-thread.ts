/**
 * The worker thread of a stream actor from start to end. `stop` asks it to end by itself. Only the watchdog decides whether
 * and when it is terminated (`sample`, `condemn`, `terminate`, `abandon`): terminating a thread inside node-av aborts the
 * process.
 */
import type { ActorBoot, ActorEvent, ActorHost, LeaveReason, StreamActor } from '../../actors/contract.js';
import { beatWords } from '../core/supervise/beat-block.js';
import type { EndedBy } from '../core/supervise/watchdog.js';
import { actorHost, streamActor } from '../wire/contracts.js';
import { readMessages } from '../wire/port-messages.js';
import { exposeCalls, wrapCalls } from '../wire/wire.js';
import type { BlankOptions, BlankThread } from './blank-thread.js';
import type { GuardedThread } from './guardian.js';
import { causeOf, type WatchedWorker, type WorkerEnd } from './watched-worker.js';

export interface ThreadEnd {
  readonly cause: EndedBy;
  readonly exitCode: number;
  /** Message of the uncaught exception, or that the thread cannot be ended; else empty. */
  readonly error: string;
  readonly lifeMs: number;
}

export interface ActorThread extends GuardedThread, Pick<WatchedWorker, 'vitals'> {
  readonly actor: StreamActor;
  /** Handles now what it has told before its last answer. */
  readEvents(): void;
  /** Asks the thread to end; after its time for that the guardian terminates it. Resolves with `ended`, never rejects. */
  stop(reason: LeaveReason): Promise<ThreadEnd>;
  /** Resolves when the thread is gone, or abandoned. */
  readonly ended: Promise<ThreadEnd>;
  /** Resolves when it is abandoned, after `ended`; its ports to others stay open until it is gone, which may be never. */
  readonly abandoned: Promise<void>;
}

export interface ActorThreadOptions extends BlankOptions {
  readonly boot: BlankOptions['boot'] & Pick<ActorBoot, 'spec'>;
  readonly host: ActorHost;
  readonly callTimeoutMs: number;
  readonly nowMs: () => number;
  readonly onEvent: (event: ActorEvent) => void;
}

export type StartThread = (options: ActorThreadOptions) => ActorThread;

/** Gives a blank thread its stream. */
export function runActorThread(options: ActorThreadOptions, { watched, ports, give }: BlankThread): ActorThread {
  const { nowMs } = options;
  const startedMs = nowMs();
  const { calls, host, events } = ports;
  const wire = wrapCalls(calls, streamActor, options.callTimeoutMs);
  exposeCalls(host, options.host, actorHost);
  const onEvent = (event: ActorEvent): void => {
    if (event.kind === 'log') Atomics.add(watched.words, beatWords.linesTaken, 1);
    options.onEvent(event);
  };
  events.on('message', onEvent);
  give(options.boot.spec);

  const readEvents = (): void => readMessages(events, onEvent);

  const settle = (end: WorkerEnd): ThreadEnd => {
    // Its last messages are handled before its end is.
    readEvents();
    wire.fail();
    for (const port of [calls, host, events]) port.close();
    return { cause: causeOf(end), exitCode: end.exitCode, error: end.error, lifeMs: nowMs() - startedMs };
  };
  const ended = watched.ended.then(settle);

  return {
    id: watched.id,
    ended,
    abandoned: watched.abandoned.then(async () => void (await ended)),
    actor: wire.calls,
    readEvents,
    stop(reason) {
      watched.stopping();
      // Only the end of the thread counts, not the answer of `stop`.
      wire.calls.stop(reason).catch(() => {});
      return ended;
    },
    gone: watched.gone,
    get held() {
      return watched.held;
    },
    get vitals() {
      return watched.vitals;
    },
    sample: watched.sample,
    condemn: watched.condemn,
    terminate: watched.terminate,
    abandon: watched.abandon,
  };
}
