/**
 * The main thread's side of a stream actor: every call is settled, by its answer, by its deadline, or at once when the
 * thread ends. Comlink alone would wait for ever.
 */
import type { MessagePort } from 'node:worker_threads';
import { wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { StreamActor } from '../../actors/contract.js';
import { fromOutcome, type Outcome, type Wired } from '../core/supervise/outcome.js';
import { SluiceError } from '../errors.js';

export interface ActorCalls {
  /** Errors of every call: its own, actor.timeout, actor.dead. */
  readonly actor: StreamActor;
  /** The thread is gone: what is pending fails now (actor.dead), and so does every later call. */
  fail(): void;
}

export function createActorCalls(port: MessagePort, timeoutMs: number): ActorCalls {
  const remote = wrap<Wired<StreamActor>>(nodeEndpoint(port));
  const pending = new Set<(error: SluiceError) => void>();
  let isDead = false;

  const call = <T>(name: string, send: () => Promise<Outcome<T>>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (isDead) {
        reject(new SluiceError('actor.dead'));
        return;
      }
      const settle = (): void => {
        clearTimeout(timer);
        pending.delete(fail);
      };
      const fail = (error: unknown): void => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => fail(new SluiceError('actor.timeout', `${name}, ${timeoutMs} ms`)), timeoutMs);
      pending.add(fail);
      send()
        .then((outcome) => {
          settle();
          resolve(fromOutcome(outcome));
        })
        .catch(fail);
    });

  return {
    actor: {
      inject: (fault) => call('inject', () => remote.inject(fault)),
      join: (request) => call('join', () => remote.join(request)),
      restart: (viewerId, viewerUfrag) => call('restart', () => remote.restart(viewerId, viewerUfrag)),
      leave: (viewerId, reason) => call('leave', () => remote.leave(viewerId, reason)),
      stats: () => call('stats', () => remote.stats()),
      keyPicture: () => call('keyPicture', () => remote.keyPicture()),
      stop: (reason) => call('stop', () => remote.stop(reason)),
    },
    fail() {
      isDead = true;
      for (const reject of [...pending]) reject(new SluiceError('actor.dead'));
    },
  };
}
