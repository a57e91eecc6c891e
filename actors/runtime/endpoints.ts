/** Both ends of a thread's two-way channels: the contract's interfaces over Comlink, with deadlines and error codes. */
import type { MessagePort } from 'node:worker_threads';
import { expose, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { fromOutcome, toOutcome, type Wired } from '../../src/core/supervise/outcome.js';
import { SluiceError } from '../../src/errors.js';
import type { ActorHost, SideThreadPorts, StreamActor } from '../contract.js';

/** Longer than the resolver's own time-out and its queue: only a main thread that is stuck reaches it. */
const resolveTimeoutMs = 15_000;

/** Answers the main thread's calls; what the actor throws arrives there as the same row of the error table. */
export function exposeActor(port: MessagePort, actor: StreamActor): void {
  const wired: Wired<StreamActor> = {
    inject: (fault) => toOutcome(() => actor.inject(fault)),
    join: (request) => toOutcome(() => actor.join(request)),
    restart: (viewerId, viewerUfrag) => toOutcome(() => actor.restart(viewerId, viewerUfrag)),
    leave: (viewerId, reason) => toOutcome(() => actor.leave(viewerId, reason)),
    loadAhead: () => toOutcome(() => actor.loadAhead()),
    stats: () => toOutcome(() => actor.stats()),
    keyframe: () => toOutcome(() => actor.keyframe()),
    stop: (reason) => toOutcome(() => actor.stop(reason)),
  };
  expose(wired, nodeEndpoint(port));
}

/** What main answers, as the actor uses it: the port to a thread closes when that thread is gone or abandoned. */
export interface Host extends Pick<ActorHost, 'resolve'> {
  openRendition(...args: Parameters<ActorHost['openRendition']>): Promise<MessagePort>;
  openShard(): Promise<MessagePort>;
}

function joinLives({ media, life }: SideThreadPorts): MessagePort {
  life.on('close', () => media.close());
  media.on('close', () => life.close());
  return media;
}

/** Errors of `resolve`: those of the contract; source.nameNotResolved when main does not answer in time. */
export function wrapHost(port: MessagePort, timeoutMs = resolveTimeoutMs): Host {
  const remote = wrap<Wired<ActorHost>>(nodeEndpoint(port));
  return {
    resolve(hostname, origin) {
      return new Promise((resolve, reject) => {
        const late = (): void =>
          reject(new SluiceError('source.nameNotResolved', 'the resolver did not answer in time'));
        const timer = setTimeout(late, timeoutMs);
        remote
          .resolve(hostname, origin)
          .then((outcome) => resolve(fromOutcome(outcome)))
          .catch(reject)
          .finally(() => clearTimeout(timer));
      });
    },
    // Without a deadline: a port that came too late would be nobody's, and its thread would run on.
    openRendition: async (wish) => joinLives(fromOutcome(await remote.openRendition(wish))),
    openShard: async () => joinLives(fromOutcome(await remote.openShard())),
  };
}
