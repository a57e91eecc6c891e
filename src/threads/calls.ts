/** The main thread's side of a stream actor: every call is settled. */
import type { MessagePort } from 'node:worker_threads';
import { wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { StreamActor } from '../../actors/contract.js';
import type { Wired } from '../core/supervise/outcome.js';
import { createPendingCalls } from '../core/supervise/pending-calls.js';

export interface ActorCalls {
  /** Errors of every call: its own, actor.timeout, actor.dead. */
  readonly actor: StreamActor;
  /** The thread is gone: what is pending fails now (actor.dead), and so does every later call. */
  fail(): void;
}

export function createActorCalls(port: MessagePort, timeoutMs: number): ActorCalls {
  const remote = wrap<Wired<StreamActor>>(nodeEndpoint(port));
  const { call, fail } = createPendingCalls(timeoutMs, (onTime, ms) => {
    const timer = setTimeout(onTime, ms);
    return () => clearTimeout(timer);
  });

  return {
    actor: {
      inject: (fault) => call('inject', () => remote.inject(fault)),
      join: (request) => call('join', () => remote.join(request)),
      restart: (viewerId, viewerUfrag) => call('restart', () => remote.restart(viewerId, viewerUfrag)),
      leave: (viewerId, reason) => call('leave', () => remote.leave(viewerId, reason)),
      loadAhead: () => call('loadAhead', () => remote.loadAhead()),
      stats: () => call('stats', () => remote.stats()),
      keyframe: () => call('keyframe', () => remote.keyframe()),
      stop: (reason) => call('stop', () => remote.stop(reason)),
    },
    fail,
  };
}
