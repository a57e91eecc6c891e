/** The viewers of one stream: from an offer to packets on their way, and to the end of the session. */
import { randomBytes, randomInt } from 'node:crypto';
import { type Answer, writeAnswer } from '../../src/core/signal/sdp-answer.js';
import { SluiceError } from '../../src/errors.js';
import type { ActorBoot, ActorEvent, JoinAnswer, JoinRequest, ViewerStats } from '../contract.js';
import { createFanout } from '../fanout/choose-fanout.js';
import { createDistributor, type Distributor, type DistributorOptions } from '../fanout/distributor.js';
import type { Fanout, TrackKind } from '../fanout/fanout.js';
import type { ThreadLog } from '../runtime/log.js';
import { createEndpoint, type Endpoint, type ViewerTransport } from '../viewers/endpoint.js';
import type { MediaKnowledge } from './media-knowledge.js';

/** Both ends of a call are told by one name which source this is (RFC 3550 6.5.1). */
const cname = 'sluice';

export interface ViewersOptions
  extends Pick<DistributorOptions, 'audioLog' | 'videoLog' | 'nowMs' | 'wallMs' | 'rtpTimeAt'> {
  readonly boot: Pick<ActorBoot, 'settings' | 'certificate' | 'spec'>;
  readonly knowledge: MediaKnowledge;
  readonly log: ThreadLog;
  readonly post: (event: ActorEvent) => void;
  /** Told true with the first viewer, and false when the last one is gone. */
  readonly onWanted: (wanted: boolean) => void;
}

export interface Viewers {
  /** Errors: stream.notLive (no codecs known in time), offer.unacceptable, viewer.limit. */
  join(request: JoinRequest): Promise<JoinAnswer>;
  /** True when the viewer was there. */
  leave(viewerId: string): boolean;
  published(track: TrackKind): void;
  /** What sends to them; null before the first. */
  readonly fanout: 'js' | 'native' | null;
  stats(): readonly ViewerStats[];
  close(): Promise<void>;
}

/** Transport and distribution of one stream; made with its first viewer, so that an idle stream has neither. */
interface Outlet {
  readonly fanout: Fanout;
  readonly endpoint: Endpoint;
  readonly distributor: Distributor;
}

interface Member {
  readonly transport: ViewerTransport;
  readonly answer: Answer;
  connected: boolean;
}

const neverSent = {
  packetsSent: 0,
  bytesSent: 0,
  packetsResent: 0,
  framesSkipped: 0,
  lossFraction: 0,
  roundTripMs: null,
  jitterMs: null,
} as const;

const randomSsrc = (): number => randomInt(1, 2 ** 32);

export function createViewers(options: ViewersOptions): Viewers {
  const { boot, knowledge, log, post } = options;
  const { settings, spec, certificate } = boot;
  const members = new Map<string, Member>();
  /** Joins under way count too: the limit holds however many come at once. */
  let joining = 0;
  let outlet: Outlet | null = null;
  let opening: Promise<Outlet> | null = null;
  let closed = false;

  const forget = (viewerId: string): void => {
    outlet?.distributor.leave(viewerId);
    if (members.delete(viewerId) && members.size === 0) options.onWanted(false);
  };

  const onConnected: Parameters<typeof createEndpoint>[0]['events']['onConnected'] = (viewerId, keys) => {
    const member = members.get(viewerId);
    if (member === undefined || outlet === null) return;
    member.connected = true;
    const { audio, video } = member.answer;
    outlet.distributor.join({
      viewerId,
      keys,
      send: (datagram) => member.transport.send(datagram),
      route: () => member.transport.route(),
      audio,
      video,
    });
    log.log('info', 'viewer.connected', { viewerId, profile: keys.profile });
    post({ kind: 'viewer.connected', viewerId });
  };

  const open = async (): Promise<Outlet> => {
    const endpoint = await createEndpoint({
      webrtc: settings.webrtc,
      viewers: settings.viewers,
      certificate,
      nowMs: options.nowMs,
      log: (level, event, fields) => log.log(level, event, fields),
      events: {
        onConnected,
        onRtcp: (viewerId, packet) => outlet?.distributor.receiveRtcp(viewerId, packet),
        onRerouted: (viewerId) => outlet?.distributor.rerouted(viewerId),
        onEnded: (viewerId, reason) => {
          forget(viewerId);
          log.log('info', 'viewer.ended', { viewerId, reason });
          post({ kind: 'viewer.ended', viewerId, reason });
        },
      },
    });
    const { audioLog, videoLog, nowMs, wallMs, rtpTimeAt } = options;
    const fanout = createFanout(settings.webrtc.fanout, { audio: audioLog, video: videoLog });
    log.log('debug', 'viewers.open', { fanout: fanout.kind, candidates: endpoint.candidates.length });
    const distributor = createDistributor({
      ...{ audioLog, videoLog, nowMs, wallMs, rtpTimeAt, cname, fanout },
      joinPaceMs: settings.media.joinPaceMs,
      hasRoom: () => endpoint.queuedBytes() < settings.webrtc.sendQueueBytes / 2,
    });
    outlet = { endpoint, distributor, fanout };
    return outlet;
  };

  const openOnce = async (): Promise<Outlet> => {
    opening ??= open();
    try {
      return await opening;
    } catch (error) {
      opening = null; // No free port now is no reason to refuse every later viewer.
      throw error;
    }
  };

  const answer = async ({ viewerId, offer }: JoinRequest): Promise<JoinAnswer> => {
    if (!(await knowledge.wait(settings.viewers.codecWaitMs))) throw new SluiceError('stream.notLive');
    const { endpoint } = await openOnce();
    if (closed) throw new SluiceError('stream.notLive');
    const iceUfrag = randomBytes(6).toString('base64');
    const icePwd = randomBytes(18).toString('base64');
    const written = writeAnswer({
      ...{ offer, cname, iceUfrag, icePwd },
      sendVideo: knowledge.info.video !== null,
      // Sound that the source does not have yet is heard when it appears (ARCHITECTURE.md, The life of a viewer).
      sendAudio: spec.hasAudio,
      candidates: endpoint.candidates,
      fingerprint: certificate.fingerprint,
      sessionId: String(randomInt(2 ** 47)),
      videoSsrc: randomSsrc(),
      audioSsrc: randomSsrc(),
      profileLevelId: knowledge.info.video?.profileLevelId ?? null,
    });
    const { iceUfrag: remoteUfrag, fingerprint } = offer;
    const session = { viewerId, localUfrag: iceUfrag, localPwd: icePwd, remoteUfrag, fingerprint };
    members.set(viewerId, { transport: endpoint.admit(session), answer: written, connected: false });
    if (members.size === 1) options.onWanted(true);
    return { answerSdp: written.sdp, media: knowledge.info, iceTag: iceUfrag };
  };

  return {
    async join(request) {
      if (members.size + joining >= settings.viewers.maxPerStream) {
        throw new SluiceError('viewer.limit', `viewers.maxPerStream is ${settings.viewers.maxPerStream}`);
      }
      joining += 1;
      try {
        return await answer(request);
      } finally {
        joining -= 1;
      }
    },
    leave(viewerId) {
      const member = members.get(viewerId);
      if (member === undefined) return false;
      forget(viewerId);
      member.transport.close();
      return true;
    },
    get fanout() {
      return outlet?.fanout.kind ?? null;
    },
    published: (track) => outlet?.distributor.published(track),
    stats: () =>
      [...members].map(([viewerId, { connected }]) => ({
        ...{ viewerId, connected },
        ...(outlet?.distributor.stats(viewerId) ?? neverSent),
      })),
    async close() {
      closed = true;
      for (const viewerId of [...members.keys()]) this.leave(viewerId);
      const last = opening === null ? null : await opening.catch(() => null);
      last?.distributor.close();
      await last?.endpoint.close();
    },
  };
}
