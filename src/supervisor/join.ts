/** A viewer's way into a stream: waits until the stream has media, then asks its actor for an answer. */
import type { JoinAnswer, JoinRequest } from '../../actors/contract.js';
import { SluiceError, whyNotLive } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import type { WantedStream } from './wanted-stream.js';

export interface JoinLimits {
  /** The whole way, ms. */
  readonly startTimeoutMs: number;
  /** Of it, the wait for the codecs once the stream's thread is up, ms. */
  readonly codecWaitMs: number;
  readonly nowMs: () => number;
}

/**
 * Errors: stream.notLive (no media in time) or why its source refuses (source.*), why the stream failed (stream.failed,
 * source.*), stream.notFound when it was stopped meanwhile, and those of the actor. A thread that dies under the call is waited for and asked again, once.
 */
export async function joinStream(stream: WantedStream, request: JoinRequest, limits: JoinLimits): Promise<JoinAnswer> {
  const deadlineMs = limits.nowMs() + limits.startTimeoutMs;
  const first = await threadWithMedia(stream, deadlineMs, limits);
  try {
    return await ask(first, request);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    if (error.code === 'stream.notLive') throw notLive(stream);
    if (error.code !== 'actor.dead') throw error;
    return ask(await threadWithMedia(stream, deadlineMs, limits), request);
  }
}

/** The source's own reason is worth more to a viewer than that there is no media. */
function notLive({ reason }: WantedStream): SluiceError {
  return new SluiceError(whyNotLive(reason));
}

async function threadWithMedia(stream: WantedStream, deadlineMs: number, limits: JoinLimits): Promise<ActorThread> {
  const leftMs = (): number => deadlineMs - limits.nowMs();
  const threadOf = (): ActorThread | undefined => {
    if (stream.state === 'FAILED') throw new SluiceError(stream.reason ?? 'stream.failed');
    if (stream.isOver) throw new SluiceError('stream.notFound');
    return stream.thread ?? undefined;
  };
  const live = (): ActorThread | undefined => {
    const thread = threadOf();
    return stream.state === 'PROCESSED_REMOTE' ? thread : undefined;
  };
  if ((await stream.changes.until(threadOf, leftMs())) === undefined) throw notLive(stream);
  const thread = await stream.changes.until(live, Math.min(leftMs(), limits.codecWaitMs));
  if (thread === undefined) throw notLive(stream);
  return thread;
}

async function ask(thread: ActorThread, request: JoinRequest): Promise<JoinAnswer> {
  try {
    return await thread.actor.join(request);
  } catch (error) {
    // An answer that comes too late is nobody's: the session behind it must not stay.
    thread.actor.leave(request.viewerId, 'viewer').catch(() => {});
    throw error;
  }
}
