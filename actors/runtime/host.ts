/** What the main thread does for an actor, as the actor calls it. */
import type { MessagePort } from 'node:worker_threads';
import { SluiceError } from '../../src/errors.js';
import { actorHost } from '../../src/wire/contracts.js';
import { wrapCalls } from '../../src/wire/wire.js';
import type { ActorHost, ChannelEnd } from '../contract.js';
import { connectTo } from './socket-port.js';

/** Longer than the resolver's own timeout and its queue: only a main thread that is stuck reaches it. */
const resolveTimeoutMs = 15_000;

/** The port to a thread closes when that thread is gone or abandoned. */
export interface Host extends Pick<ActorHost, 'resolve' | 'decodes'> {
  openRendition<In, Out>(...args: Parameters<ActorHost['openRendition']>): Promise<ChannelEnd<In, Out>>;
  openShard(): Promise<MessagePort>;
}

function joinLives<Channel extends Pick<MessagePort, 'close'> & { on(event: 'close', listener: () => void): unknown }>(
  media: Channel,
  life: MessagePort,
): Channel {
  life.on('close', () => media.close());
  media.on('close', () => life.close());
  return media;
}

/** Errors of `resolve`: those of the contract; source.nameNotResolved when the main thread does not answer in time. */
export function wrapHost(port: MessagePort, timeoutMs = resolveTimeoutMs): Host {
  const { calls, fail } = wrapCalls(port, actorHost, timeoutMs);
  // The deadline of a call that is open would keep a thread alive that was asked to end.
  port.once('close', fail);
  return {
    async resolve(hostname, origin, port, from) {
      try {
        return await calls.resolve(hostname, origin, port, from);
      } catch (error) {
        const isLate = error instanceof SluiceError && error.code === 'actor.timeout';
        throw isLate ? new SluiceError('source.nameNotResolved', 'the resolver did not answer in time') : error;
      }
    },
    decodes: calls.decodes,
    async openRendition(wish) {
      const opened = await calls.openRendition(wish);
      return joinLives('media' in opened ? opened.media : await connectTo(opened), opened.life);
    },
    async openShard() {
      const { media, life } = await calls.openShard();
      return joinLives(media, life);
    },
  };
}
