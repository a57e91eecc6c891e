/** Viewers of one stream on one thread: from an offer to packets on their way, and to the end of the session. */
import { randomBytes, randomInt } from 'node:crypto';
import type { AudioEncoding, SentTrack } from '../../src/core/codec/audio-encoding.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import { encodingKey, type VideoWish } from '../../src/core/codec/video-encoding.js';
import { type Answer, writeAnswer } from '../../src/core/sdp/answer.js';
import { writeRestart } from '../../src/core/sdp/fragment.js';
import { type ErrorCode, SluiceError } from '../../src/errors.js';
import type { ActorBoot, JoinAnswer, JoinRequest, RestartAnswer, ViewerEvent } from '../contract.js';
import { noDatagrams, sumDatagrams } from '../fanout/datagram-counts.js';
import type { ThreadLog } from '../runtime/log.js';
import type { ThreadCode } from '../runtime/thread-code.js';
import type { DatagramCounts, StreamStats, ViewerStats } from '../stats.js';
import { createEndpoint, type Endpoint, type EndpointEvents, type ViewerTransport } from '../transport/endpoint.js';
import { createEncodings, type Encodings, type EncodingsOptions, type RenditionViewers } from './encodings.js';
import { encodingFor, profilesToOffer, type StreamVideo, type ViewerEncoding } from './viewer-encoding.js';

/** Both ends of a call are told by one name which source this is (RFC 3550 6.5.1). */
const cname = 'sluice';

/** What is known of the stream's media; `wait` resolves false when that is nothing after the time given. */
export interface Knowledge {
  readonly info: MediaInfo;
  wait(timeoutMs: number): Promise<boolean>;
}

export interface ViewersOptions
  extends Pick<EncodingsOptions, 'histories' | 'nowMs' | 'wallMs' | 'rtpTimeAt' | 'openRendition'> {
  readonly boot: Pick<ActorBoot, 'settings' | 'certificate' | 'spec'>;
  readonly knowledge: Knowledge;
  readonly loadDtls: ThreadCode['dtls'];
  /** The thread has sockets at this port; 0: no more. */
  readonly onListening: (port: number) => void;
  readonly log: ThreadLog;
  readonly post: (event: ViewerEvent) => void;
  /** False: browsers cannot play the source's own form of the picture. */
  readonly isPlayable: () => boolean;
  /** Bits a second of the source's own form; null while unknown. */
  readonly sourceBps: () => number | null;
}

export interface ViewerAnswer extends JoinAnswer {
  /** The form of the audio that the viewer is sent from now on; null: none. */
  readonly encoding: AudioEncoding | null;
}

export interface Viewers {
  /** Errors: stream.notLive (no codecs known in time), offer.unacceptable, viewer.limit (no port is free). */
  join(request: JoinRequest): Promise<ViewerAnswer>;
  /** ICE restart. Error: session.notFound. */
  restart(viewerId: string, viewerUfrag: string): RestartAnswer;
  /** True when the viewer was there. */
  leave(viewerId: string): boolean;
  published(track: SentTrack): void;
  /** The source has changed: each viewer gets the form that it needs now. */
  reconsider(): void;
  readonly renditions: readonly RenditionViewers[];
  /** To all viewers, those that left included. */
  readonly sent: StreamStats['sent'];
  readonly datagrams: DatagramCounts;
  /** What sends to them; null before the first. */
  readonly fanout: 'js' | 'native' | null;
  stats(): readonly ViewerStats[];
  close(): Promise<void>;
}

/** Transport and distribution of one stream; made with its first viewer, so that an idle stream has neither. */
interface Outlet {
  readonly endpoint: Endpoint;
  readonly encodings: Encodings;
}

interface Member {
  readonly transport: ViewerTransport;
  readonly answer: Answer;
  wish: VideoWish | null;
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
  estimateKbps: null,
  estimateKind: null,
} as const;

const iceCredentials = () => ({
  localUfrag: randomBytes(6).toString('base64'),
  localPwd: randomBytes(18).toString('base64'),
});

const randomSsrc = (): number => randomInt(1, 2 ** 32);

export function createViewers(options: ViewersOptions): Viewers {
  const { boot, knowledge, log, post, nowMs } = options;
  const { settings, spec, certificate } = boot;
  const members = new Map<string, Member>();
  let outlet: Outlet | null = null;
  let opening: Promise<Outlet> | null = null;
  let closed = false;
  /** Sent to viewers that left. */
  const departed = { packets: 0, bytes: 0, resent: 0 };

  const countOut = (viewerId: string): void => {
    const stats = outlet?.encodings.distributorOf(viewerId)?.stats(viewerId) ?? neverSent;
    departed.packets += stats.packetsSent;
    departed.bytes += stats.bytesSent;
    departed.resent += stats.packetsResent;
  };

  const forget = (viewerId: string): void => {
    countOut(viewerId);
    outlet?.encodings.leave(viewerId);
    members.delete(viewerId);
  };

  const streamVideo = (): StreamVideo => ({
    info: knowledge.info.video,
    isPlayable: options.isPlayable(),
    transcoding: settings.media.transcoding,
  });
  /** Null: no picture for this viewer. Error: media.transcodingDisabled. */
  const viewerEncoding = ({ answer, wish }: Pick<Member, 'answer' | 'wish'>): ViewerEncoding | null =>
    answer.video === null ? null : encodingFor(streamVideo(), answer.video, wish);

  /** A viewer that cannot take the source's own form goes on with less, where that is wished for. */
  const lower = (viewerId: string, estimateKbps: number, sourceKbps: number): void => {
    const member = members.get(viewerId);
    const { fallbackKbps } = settings.media;
    if (member === undefined || fallbackKbps === 0 || fallbackKbps >= sourceKbps || !settings.media.transcoding) return;
    member.wish = { width: null, height: null, bitrateKbps: fallbackKbps, quality: null };
    const form = viewerEncoding(member);
    if (form === null) return;
    log.log('info', 'viewer.lowered', { viewerId, estimateKbps, sourceKbps, fallbackKbps });
    outlet?.encodings.move(viewerId, form.encoding, form.track);
    post({ kind: 'viewer.lowered', viewerId, estimateKbps, sourceKbps });
  };

  const end = (viewerId: string, reason: ErrorCode | null): void => {
    forget(viewerId);
    log.log('info', 'viewer.ended', { viewerId, reason });
    post({ kind: 'viewer.ended', viewerId, reason });
  };

  const onConnected: EndpointEvents['onConnected'] = (viewerId, keys) => {
    const member = members.get(viewerId);
    if (member === undefined || outlet === null) return;
    member.connected = true;
    const { transport } = member;
    const { audio, twccId } = member.answer;
    const send = (datagram: Uint8Array): boolean => transport.send(datagram);
    const form = viewerEncoding(member);
    const variant = form?.encoding ?? { kind: 'source' };
    const video = form?.track ?? null;
    outlet.encodings.join(
      { viewerId, keys, send, route: () => transport.route(), audio, video, twccId },
      variant,
      audio?.encoding ?? 'Opus',
    );
    log.log('info', 'viewer.connected', { viewerId, profile: keys.profile, encoding: encodingKey(variant) });
    post({ kind: 'viewer.connected', viewerId });
  };

  const open = async (): Promise<Outlet> => {
    const report: EncodingsOptions['report'] = (level, event, fields) => log.log(level, event, fields);
    const endpoint = await createEndpoint({
      webrtc: settings.webrtc,
      viewers: settings.viewers,
      certificate,
      nowMs,
      log: report,
      loadDtls: options.loadDtls,
      onListening: options.onListening,
      events: {
        onConnected,
        onRerouted: (viewerId) => outlet?.encodings.distributorOf(viewerId)?.rerouted(viewerId),
        onRtcp: (viewerId, packet) => outlet?.encodings.distributorOf(viewerId)?.receiveRtcp(viewerId, packet),
        onEnded: end,
      },
    });
    const { histories, wallMs, rtpTimeAt, openRendition } = options;
    const encodings = createEncodings({
      histories,
      nowMs,
      wallMs,
      rtpTimeAt,
      openRendition,
      cname,
      report,
      sourceBps: options.sourceBps,
      onTooSlow: lower,
      fanout: settings.webrtc.fanout,
      media: settings.media,
      catchUp: settings.viewers.catchUp,
      hasRoom: () => endpoint.queuedBytes() < settings.webrtc.sendQueueBytes / 2,
    });
    outlet = { endpoint, encodings };
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

  const answer = async ({ viewerId, offer, wish }: JoinRequest): Promise<ViewerAnswer> => {
    if (!(await knowledge.wait(settings.viewers.codecWaitMs))) throw new SluiceError('stream.notLive');
    const { endpoint } = await openOnce();
    if (closed) throw new SluiceError('stream.notLive');
    const ours = iceCredentials();
    const written = writeAnswer({
      offer,
      cname,
      iceUfrag: ours.localUfrag,
      icePwd: ours.localPwd,
      video: profilesToOffer(streamVideo(), wish),
      // Audio that the source does not have yet is heard when it appears (ARCHITECTURE.md, The life of a viewer).
      sendAudio: spec.hasAudio,
      sourceAudio: knowledge.info.audio?.codec ?? null,
      takesTwcc: settings.media.transcoding,
      candidates: endpoint.candidates,
      fingerprint: certificate.fingerprint,
      sessionId: String(randomInt(2 ** 47)),
      videoSsrc: randomSsrc(),
      videoRtxSsrc: randomSsrc(),
      audioSsrc: randomSsrc(),
    });
    viewerEncoding({ answer: written, wish });
    const { iceUfrag: remoteUfrag, fingerprint } = offer;
    const session = { viewerId, ...ours, remoteUfrag, fingerprint };
    members.set(viewerId, { transport: endpoint.admit(session), answer: written, wish, connected: false });
    const encoding = written.audio?.encoding ?? null;
    return { answerSdp: written.sdp, media: knowledge.info, iceTag: ours.localUfrag, encoding };
  };

  return {
    join: answer,
    restart(viewerId, viewerUfrag) {
      const member = members.get(viewerId);
      const ours = iceCredentials();
      if (member === undefined || outlet?.endpoint.restart(viewerId, { ...ours, remoteUfrag: viewerUfrag }) !== true) {
        throw new SluiceError('session.notFound');
      }
      log.log('debug', 'viewer.iceRestart', { viewerId });
      const { localUfrag, localPwd } = ours;
      return { fragment: writeRestart(member.answer.sdp, localUfrag, localPwd), iceTag: localUfrag };
    },
    leave(viewerId) {
      const member = members.get(viewerId);
      if (member === undefined) return false;
      forget(viewerId);
      member.transport.close();
      return true;
    },
    reconsider() {
      for (const [viewerId, member] of [...members]) {
        if (!member.connected) continue;
        try {
          const form = viewerEncoding(member);
          if (form !== null) outlet?.encodings.move(viewerId, form.encoding, form.track);
        } catch (error) {
          if (!(error instanceof SluiceError)) throw error;
          member.transport.close();
          end(viewerId, error.code);
        }
      }
    },
    get renditions() {
      return outlet?.encodings.renditions ?? [];
    },
    get sent() {
      const all = this.stats();
      const sum = (of: 'packetsSent' | 'bytesSent' | 'packetsResent'): number =>
        all.reduce((total, viewer) => total + viewer[of], 0);
      return {
        packets: departed.packets + sum('packetsSent'),
        bytes: departed.bytes + sum('bytesSent'),
        resent: departed.resent + sum('packetsResent'),
      };
    },
    get datagrams() {
      return outlet === null ? noDatagrams : sumDatagrams([outlet.encodings.datagrams, outlet.endpoint.refused]);
    },
    get fanout() {
      return outlet?.encodings.fanout ?? null;
    },
    published: (track) => outlet?.encodings.published(track),
    stats: () =>
      [...members].map(
        ([
          viewerId,
          {
            connected,
            answer: { audio },
          },
        ]) => ({
          viewerId,
          connected,
          audioCodec: audio?.encoding ?? null,
          ...(outlet?.encodings.distributorOf(viewerId)?.stats(viewerId) ?? neverSent),
        }),
      ),
    async close() {
      closed = true;
      for (const viewerId of [...members.keys()]) this.leave(viewerId);
      const last = opening === null ? null : await opening.catch(() => null);
      last?.encodings.close();
      await last?.endpoint.close();
    },
  };
}
