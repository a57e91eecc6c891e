/** How a viewer joins: waits until the stream has media, then asks its actor to answer the offer. */
import type { JoinAnswer, JoinRequest } from '../../actors/contract.js';
import { unusableReasons, whyNotLive } from '../core/diagnosis/reasons.js';
import { type ErrorCode, SluiceError } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import type { Pull } from './pull.js';
import { hasHadMedia } from './pull-status.js';

export interface JoinLimits {
  /** From the request to the answer, ms. */
  readonly startTimeoutMs: number;
  /** Of that time, how long to wait for the codecs once the stream's thread is up, ms. */
  readonly codecWaitMs: number;
  readonly nowMs: () => number;
}

/**
 * Errors: stream.notLive (no media in time) or why its source refuses (source.*), why the stream failed (stream.failed,
 * source.*), stream.notFound when it was stopped meanwhile, and those of the actor. When the thread dies during the call, its
 * successor is asked, once. `request` is made when the media is there.
 */
export async function joinPull(pull: Pull, request: () => JoinRequest, limits: JoinLimits): Promise<JoinAnswer> {
  const deadlineMs = limits.nowMs() + limits.startTimeoutMs;
  const first = await threadWithMedia(pull, deadlineMs, limits);
  try {
    return await ask(first, request());
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    if (error.code === 'stream.notLive') throw notLive(pull);
    if (error.code !== 'actor.dead') throw error;
    return ask(await threadWithMedia(pull, deadlineMs, limits), request());
  }
}

/** What is known of the last dialling is known for now: no viewer waits for the next one. */
const finalReasons: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'source.refused',
  'source.unreachable',
  'source.nameNotResolved',
  'source.untrusted',
  'source.notFound',
  'source.rejected',
  'source.timeout',
  'source.protocol',
  'source.noMedia',
  'source.stalled',
]);

/** The reason why the source was lost, where there is one: a viewer learns more from it than from stream.notLive. */
function notLive({ status }: Pull): SluiceError {
  const code = whyNotLive(status.reason);
  // What is wrong with its bytes is no secret; details of dialling may be.
  return new SluiceError(code, unusableReasons.has(code) ? status.detail : '');
}

/** A source that had media may be back in a moment, as long as viewers are kept for it, and a stand-by may answer better. */
function hasFailedForNow({ status, spec }: Pull): boolean {
  const { state, reason, losses, isGraceOver } = status;
  if (state === 'PROCESSED_REMOTE' || reason === null) return false;
  // Another node may just be getting it, or yet another one.
  if (spec.origin === 'edge') return hasHadMedia(status) && isGraceOver;
  if (state === 'CONNECTED' && unusableReasons.has(reason)) return true;
  if (hasHadMedia(status)) return isGraceOver;
  return finalReasons.has(reason) && losses > spec.standbyUris.length;
}

/** The errors of `joinPull` that are not the actor's. */
export async function whenLive(pull: Pull, limits: JoinLimits): Promise<void> {
  await threadWithMedia(pull, limits.nowMs() + limits.startTimeoutMs, limits);
}

async function threadWithMedia(pull: Pull, deadlineMs: number, limits: JoinLimits): Promise<ActorThread> {
  const leftMs = (): number => deadlineMs - limits.nowMs();
  const threadOf = (): ActorThread | undefined => {
    if (pull.status.state === 'FAILED') throw new SluiceError(pull.status.reason ?? 'stream.failed');
    if (pull.status.isOver) throw new SluiceError('stream.notFound');
    if (hasFailedForNow(pull)) throw notLive(pull);
    return pull.thread ?? undefined;
  };
  const live = (): ActorThread | undefined => {
    const thread = threadOf();
    return pull.status.state === 'PROCESSED_REMOTE' ? thread : undefined;
  };
  if ((await pull.changes.until(threadOf, leftMs())) === undefined) throw notLive(pull);
  const thread = await pull.changes.until(live, Math.min(leftMs(), limits.codecWaitMs));
  if (thread === undefined) throw notLive(pull);
  return thread;
}

async function ask(thread: ActorThread, request: JoinRequest): Promise<JoinAnswer> {
  try {
    return await thread.actor.join(request);
  } catch (error) {
    // The actor may have opened the session although its answer came too late: it would not be used.
    thread.actor.leave(request.viewerId, 'viewer').catch(() => {});
    throw error;
  }
}
