/**
 * One worker thread from its birth to its end. It is asked to stop first; whether and when it is ended from outside is
 * the watchdog's decision alone (`sample`, `condemn`, `terminate`, `abandon`), because ending a thread inside node-av aborts the
 * process.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import type { ActorBoot, ActorEvent, ActorHost, LeaveReason, StreamActor } from '../../actors/contract.js';
import { beatWords } from '../core/supervise/beat-block.js';
import type { EndCause } from '../core/supervise/watchdog.js';
import { actorHost, streamActor } from '../wire/contracts.js';
import { exposeCalls, wrapCalls } from '../wire/wire.js';
import type { BlankOptions, BlankThread } from './blank-thread.js';
import type { GuardedThread } from './guardian.js';
import type { WorkerEnd } from './watched-worker.js';

/** Why a thread ended: `cause` is `stopped` (asked to, or by itself with code 0), `crashed`, or why it was condemned. */
export interface ThreadEnd {
  readonly cause: 'stopped' | 'crashed' | EndCause;
  readonly exitCode: number;
  /** What the uncaught exception said, or that it could not be ended; else empty. */
  readonly error: string;
  readonly lifeMs: number;
}

export interface ActorThread extends GuardedThread {
  readonly actor: StreamActor;
  /** Asks the thread to end; the guardian gives it its time for that. Never rejects; resolves with `ended`. */
  stop(reason: LeaveReason): Promise<ThreadEnd>;
  /** Resolves when the thread is gone, or abandoned. */
  readonly ended: Promise<ThreadEnd>;
}

export interface ActorThreadOptions extends BlankOptions {
  readonly boot: BlankOptions['boot'] & Pick<ActorBoot, 'spec'>;
  readonly host: ActorHost;
  readonly callTimeoutMs: number;
  readonly nowMs: () => number;
  readonly onEvent: (event: ActorEvent) => void;
}

export type StartThread = (options: ActorThreadOptions) => ActorThread;

/** Gives the thread its stream. */
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

  const settle = ({ exitCode, error, condemnedBy }: WorkerEnd): ThreadEnd => {
    // What it said last, before anybody hears that it is gone.
    for (let last = receiveMessageOnPort(events); last !== undefined; ) {
      onEvent(last.message);
      last = receiveMessageOnPort(events);
    }
    wire.fail();
    for (const port of [calls, host, events]) port.close();
    const cause = condemnedBy ?? (exitCode === 0 ? 'stopped' : 'crashed');
    return { cause, exitCode, error, lifeMs: nowMs() - startedMs };
  };
  const ended = watched.ended.then(settle);

  return {
    id: watched.id,
    ended,
    actor: wire.calls,
    stop(reason) {
      watched.stopping();
      // What `stop` answers matters little: only the thread's end does.
      wire.calls.stop(reason).catch(() => {});
      return ended;
    },
    gone: watched.gone,
    sample: watched.sample,
    condemn: watched.condemn,
    terminate: watched.terminate,
    abandon: watched.abandon,
  };
}
