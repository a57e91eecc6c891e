/** The viewers' sessions: joined, restarted and left in the actor of the pull that they watch. */
import type { JoinRequest } from '../../actors/contract.js';
import type { Settings } from '../config/schema.js';
import type { MediaInfo } from '../core/codec/media-info.js';
import type { VideoWish } from '../core/codec/video-encoding.js';
import { whyNotLive } from '../core/diagnosis/reasons.js';
import { createTurns, type Turns } from '../core/guard/turns.js';
import type { Offer } from '../core/sdp/offer.js';
import { type PlayedMedia, playedMedia, takenMedia } from '../core/sdp/played-media.js';
import { SluiceError } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import { createFragmentSessions } from './fragment-sessions.js';
import type { IdleTimers } from './idle.js';
import { joinPull, whenLive } from './join.js';
import { createNewcomers, forViewer } from './newcomers.js';
import { createPacketSessions } from './packet-sessions.js';
import type { Pull } from './pull.js';
import { hasHadMedia } from './pull-status.js';
import type { Pulls } from './pulls.js';
import type { Streams } from './streams.js';
import type { ViewerIndex } from './viewer-index.js';

type Sessions = Pick<
  Streams,
  'view' | 'viewPackets' | 'viewFragments' | 'whyUnavailable' | 'restart' | 'viewers' | 'terminateViewer' | 'leave'
>;

interface SessionsOptions {
  readonly settings: Pick<Settings, 'pulls' | 'viewers' | 'media'>;
  readonly pulls: Pulls;
  readonly viewers: ViewerIndex;
  readonly idle: Pick<IdleTimers, 'check'>;
  readonly nowMs: () => number;
  /** True once the process is being shut down. */
  readonly isClosing: () => boolean;
}

interface Turn {
  /** Error: request.tooMany when it does not come in time. */
  readonly come: Promise<void>;
  /** It is over, or no longer waited for. */
  readonly end: () => void;
}

/** The turn of an offer, which lasts until its viewer is connected or gone. */
function takeTurn(turns: Turns, clientIp: string, timeoutMs: number): Turn {
  let endTurn = (): void => {};
  let giveUp = (): void => {};
  let hasCome = false;
  const come = new Promise<void>((resolve, reject) => {
    giveUp = () => {
      if (!hasCome) reject(new SluiceError('request.tooMany', "too many of this client's offers are unfinished"));
    };
    endTurn = turns.request(clientIp, () => {
      hasCome = true;
      resolve();
    });
  }).finally(() => clearTimeout(timer));
  // Nobody waits for it any more when the viewer is refused for another reason.
  come.catch(() => {});
  const timer = setTimeout(giveUp, timeoutMs);
  return {
    come,
    end() {
      endTurn();
      giveUp();
    },
  };
}

/** Between two threads of a pull, the next one, which goes on with its sessions. Error: session.notFound when none comes. */
async function threadOf(pull: Pull, timeoutMs: number): Promise<ActorThread> {
  const next = (): ActorThread | undefined => {
    if (pull.status.isOver) throw new SluiceError('session.notFound');
    return pull.thread ?? undefined;
  };
  const thread = await pull.changes.until(next, timeoutMs);
  if (thread === undefined) throw new SluiceError('session.notFound');
  return thread;
}

export function createSessions({ settings, pulls, viewers, idle, nowMs, isClosing }: SessionsOptions): Sessions {
  const { table } = pulls;
  const { startTimeoutMs, codecWaitMs } = settings.viewers;
  const limits = { startTimeoutMs, codecWaitMs, nowMs };
  const { maxUnfinished, maxUnfinishedPerIp } = settings.viewers;
  const newcomers = createNewcomers({ settings, pulls, nowMs });
  const turns = createTurns({ max: maxUnfinished, maxPerClient: maxUnfinishedPerIp });

  return {
    ...createPacketSessions({ newcomers, viewers, idle, limits, isClosing }),
    ...createFragmentSessions({ newcomers, viewers, idle, isClosing }),
    async view(request) {
      if (isClosing()) throw new SluiceError('server.draining');
      const { pull, viewerId, known, meet } = newcomers.receive(request);
      const { pullId, localName } = pull.spec;
      const { clientIp, offer } = request;
      const askedMs = nowMs();
      const turn = takeTurn(turns, clientIp, startTimeoutMs);
      const playing = playingBy(offer);
      try {
        const { of: playedOf } = playing;
        viewers.add({ ...known, mediaProvider: 'WebRTC', bytesSent: null, playedOf, onSettled: turn.end });
        idle.check(pullId);
        await turn.come;
        const leftMs = Math.max(1, startTimeoutMs - (nowMs() - askedMs));
        const ask = (): JoinRequest => {
          playing.wish = meet();
          return { viewerId, offer, wish: playing.wish };
        };
        const answer = await joinPull(pull, ask, { ...limits, startTimeoutMs: leftMs });
        const media = viewers.joined(viewerId, answer.media);
        if (media !== undefined) return { ...answer, media, viewerId, localName };
        pull.thread?.actor.leave(viewerId, 'viewer').catch(() => {});
        throw new SluiceError(isClosing() ? 'server.draining' : 'stream.notFound');
      } catch (error) {
        turn.end();
        viewers.remove(viewerId);
        idle.check(pullId);
        throw forViewer(pull, error);
      }
    },
    async whyUnavailable(request) {
      try {
        const pull = newcomers.pullFor(request);
        idle.check(pull.spec.pullId);
        const { status } = pull;
        if (status.state === 'PENDING' && hasHadMedia(status)) return whyNotLive(status.reason);
        await whenLive(pull, limits).catch((error: unknown) => {
          throw forViewer(pull, error);
        });
        return null;
      } catch (error) {
        if (error instanceof SluiceError) return error.code;
        throw error;
      }
    },
    async restart(viewerId, viewerUfrag) {
      const pull = table.get(viewers.pullOf(viewerId) ?? '');
      if (pull === undefined) throw new SluiceError('session.notFound');
      return (await threadOf(pull, startTimeoutMs)).actor.restart(viewerId, viewerUfrag);
    },
    viewers: viewers.list,
    terminateViewer(viewerId) {
      const pullId = viewers.pullOf(viewerId);
      if (pullId === undefined) throw new SluiceError('session.notFound');
      // A thread that does not answer ends the session by its own timeout.
      table
        .get(pullId)
        ?.thread?.actor.leave(viewerId, 'terminate')
        .catch(() => false);
      viewers.end(viewerId, null);
    },
    async leave(viewerId) {
      const viewer = viewers.remove(viewerId);
      if (viewer === undefined) return false;
      const thread = table.get(viewer.pullId)?.thread;
      // A thread that is gone has no session left; one that does not answer ends the session by its own timeout.
      await thread?.actor.leave(viewerId, 'viewer').catch(() => false);
      return true;
    },
  };
}

interface Playing {
  wish: VideoWish | null;
  readonly of: (media: MediaInfo) => PlayedMedia;
}

/** What a viewer plays. In a function of its own: what it closes over is kept for the time of the session, and the offer is not. */
function playingBy(offer: Offer): Playing {
  const taken = takenMedia(offer);
  const playing: Playing = { wish: null, of: (media) => playedMedia(taken, media, playing.wish) };
  return playing;
}
