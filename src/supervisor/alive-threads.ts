/** The threads of one pull that are alive: the one that runs, and one that is about to replace it or has just been replaced. */
import type { ActorEvent, SourcePlace } from '../../actors/contract.js';
import type { ActorThread } from '../threads/actor-thread.js';

type OnEvent = (event: ActorEvent) => void;

interface AliveThreads {
  start(onEvent: OnEvent): ActorThread;
  /** Each takes the stream from there once this resolves, or is gone. */
  pointTo(place: SourcePlace): Promise<void>;
}

export function createAliveThreads(start: (onEvent: OnEvent) => ActorThread): AliveThreads {
  const alive = new Set<ActorThread>();
  return {
    start(onEvent) {
      const thread = start(onEvent);
      alive.add(thread);
      void thread.ended.then(() => alive.delete(thread));
      return thread;
    },
    async pointTo(place) {
      // One that dies meanwhile is followed by one that knows.
      await Promise.all([...alive].map(({ actor }) => actor.pointTo(place).catch(() => {})));
    },
  };
}
