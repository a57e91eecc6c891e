/** A thread that is started beside the one that works, to take its place in order: what it reports waits until it does. */
import type { ActorEvent } from '../../actors/contract.js';
import type { HandOverReport } from '../core/supervise/child.js';
import { rowOf, SluiceError } from '../errors.js';
import type { LogEvent } from '../log-line.js';
import type { ActorThread } from '../threads/actor-thread.js';
import type { HandOvers } from './hand-over.js';

/** Until its source must have sent media, ms. */
const readyMs = 10_000;

type Report = Exclude<ActorEvent, LogEvent>;

interface Successor {
  readonly thread: ActorThread;
  /** It has the source's media. Rejects with the reason why it has not (source.*), or with actor.dead. */
  readonly ready: Promise<void>;
  /** From now on its reports go to `receive`, those that waited first. */
  succeed(receive: (event: Report) => void): void;
}

function startSuccessor(
  start: (onEvent: (event: ActorEvent) => void) => ActorThread,
  onLine: (event: LogEvent) => void,
): Successor {
  let waiting: Report[] = [];
  let pass: ((event: Report) => void) | null = null;
  let onReady = (): void => {};
  let onFailed = (_error: SluiceError): void => {};
  const media = new Promise<void>((resolve, reject) => {
    onReady = resolve;
    onFailed = reject;
  });
  const late = setTimeout(() => onFailed(new SluiceError('source.noMedia')), readyMs);

  const thread = start((event) => {
    if (event.kind === 'log') return onLine(event);
    if (pass !== null) return pass(event);
    waiting.push(event);
    if (event.kind !== 'source.state') return;
    if (event.state === 'PROCESSED_REMOTE') onReady();
    else if (event.reason !== null) onFailed(new SluiceError(event.reason));
  });
  void thread.ended.then(() => onFailed(new SluiceError('actor.dead')));
  const ready = media.finally(() => clearTimeout(late));
  // Whoever waits for it hears of it; nobody may.
  ready.catch(() => {});

  return {
    thread,
    ready,
    succeed(receive) {
      pass = receive;
      for (const event of waiting) receive(event);
      waiting = [];
    },
  };
}

/**
 * False: it does not say that it has let go of its viewers. It serves none of them any more, so there is no way back: it is to be
 * ended first. Error: actor.dead when it has ended, which its supervisor sees to.
 */
async function letGo({ actor, readEvents }: ActorThread): Promise<boolean> {
  try {
    await actor.handOver();
    readEvents();
    return true;
  } catch (error) {
    if (rowOf(error) === 'actor.dead') throw error;
    return false;
  }
}

export interface ReplacementOptions {
  readonly start: (onEvent: (event: ActorEvent) => void) => ActorThread;
  /** Takes the lines of one thread. */
  readonly newForward: () => (event: LogEvent) => void;
  /** The thread that answers calls; null: none is up. */
  readonly current: () => ActorThread | null;
  /** The stream's thread is this one from now on. */
  readonly own: (thread: ActorThread) => void;
  readonly receive: (thread: ActorThread, event: Report) => void;
  readonly handOvers: Pick<HandOvers, 'threadLost' | 'giveTo' | 'last'>;
  readonly onUp: () => void;
}

/**
 * Makes what puts another thread in the place of the one that works, once it has the source's media. Gives how the viewers went over;
 * null: never yet. Errors, which leave all as it was: stream.notLive while none is up, request.tooMany while it is under way, and why
 * the other one has no media (source.*).
 */
export function createReplacement(options: ReplacementOptions): () => Promise<HandOverReport | null> {
  const { current, handOvers } = options;
  let isUnderWay = false;

  const replace = async (before: ActorThread): Promise<HandOverReport | null> => {
    const successor = startSuccessor(options.start, options.newForward());
    const { thread } = successor;
    let hasLetGo = true;
    try {
      await successor.ready;
      hasLetGo = await letGo(before);
      if (current() !== before) throw new SluiceError('stream.notLive');
    } catch (error) {
      void thread.stop('shutdown');
      throw error;
    }
    options.own(thread);
    handOvers.threadLost();
    successor.succeed((event) => options.receive(thread, event));
    const gone = before.stop('shutdown');
    if (!hasLetGo) await gone;
    await handOvers.giveTo(thread);
    options.onUp();
    return handOvers.last;
  };

  return async () => {
    const before = current();
    if (before === null) throw new SluiceError('stream.notLive');
    if (isUnderWay) throw new SluiceError('request.tooMany', 'the stream is being restarted');
    isUnderWay = true;
    try {
      return await replace(before);
    } finally {
      isUnderWay = false;
    }
  };
}
