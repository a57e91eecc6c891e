/** One viewer's session as REST and signalling call it, on the stream's own thread or on a further one. */
import type { AudioEncoding } from '../../src/core/codec/audio-encoding.js';
import type { JoinAnswer, JoinRequest, LeaveReason, RestartAnswer } from '../contract.js';
import type { ShardCalls } from './shard-contract.js';
import type { Viewer } from './viewer.js';
import type { Viewers } from './viewers.js';

export interface Session {
  readonly answer: JoinAnswer;
  /** What it hears; null: it takes no encoding of the audio that can be made. */
  readonly audioEncoding: AudioEncoding | null;
  restart(viewerUfrag: string): Promise<RestartAnswer>;
  /** True when the viewer was there. */
  leave(reason: LeaveReason): Promise<boolean>;
}

/** Errors: as Viewers.join. */
export async function joinHere(viewers: Pick<Viewers, 'join'>, request: JoinRequest): Promise<Session> {
  return sessionOf(await viewers.join(request));
}

/** Of a viewer on this thread. */
export function sessionOf(viewer: Viewer): Session {
  return {
    answer: viewer.joinAnswer,
    audioEncoding: viewer.audioEncoding,
    restart: async (viewerUfrag) => viewer.restart(viewerUfrag),
    async leave() {
      viewer.leave();
      return true;
    },
  };
}

/** Errors: as Viewers.join, and actor.timeout, actor.dead. */
export async function joinShard(calls: ShardCalls, request: JoinRequest): Promise<Session> {
  const { viewerId } = request;
  const { audioEncoding, ...answer } = await calls.join(request);
  return {
    answer,
    audioEncoding,
    restart: (viewerUfrag) => calls.restart(viewerId, viewerUfrag),
    leave: (reason) => calls.leave(viewerId, reason),
  };
}
