/**
 * The life of one viewer on one thread: its offer is answered, its transport connects, it is sent an encoding, maybe another
 * one after that, and it ends. Each step has one method.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { AudioEncoding } from '../../src/core/codec/audio-encoding.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import { encodingKey, type VideoEncoding, type VideoWish } from '../../src/core/codec/video-encoding.js';
import { type Answer, writeAnswer } from '../../src/core/sdp/answer.js';
import { writeRestart } from '../../src/core/sdp/fragment.js';
import type { SrtpKeys } from '../../src/core/srtp/srtp-keys.js';
import { type ErrorCode, SluiceError } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorBoot, JoinAnswer, JoinRequest, RestartAnswer, ViewerEvent } from '../contract.js';
import { SessionNumbers } from '../fanout/session-numbers.js';
import type { ViewerStats } from '../stats.js';
import type { Endpoint, Transport } from '../transport/endpoint.js';
import type { Delivery } from './delivery.js';
import type { SentTotals } from './departed.js';
import { cname, type Encodings } from './encodings.js';
import { encodingFor, profilesToOffer, type StreamVideo, type ViewerEncoding } from './viewer-encoding.js';

/** What the viewers of one thread have in common. */
export interface ViewerContext {
  readonly boot: Pick<ActorBoot, 'settings' | 'certificate' | 'spec'>;
  readonly endpoint: Endpoint;
  readonly encodings: Encodings;
  readonly media: () => MediaInfo;
  readonly streamVideo: () => StreamVideo;
  readonly log: Logger;
  readonly post: (event: ViewerEvent) => void;
  /** It has ended, whoever ended it. */
  readonly onGone: (viewer: Viewer) => void;
}

const neverSent = {
  packetsSent: 0,
  bytesSent: 0,
  videoBytesSent: 0,
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

export class Viewer {
  readonly viewerId: string;
  readonly joinAnswer: JoinAnswer;
  readonly #context: ViewerContext;
  readonly #answer: Answer;
  readonly #transport: Transport;
  #wish: VideoWish | null;
  /** Null until its transport is connected. */
  #delivery: Delivery | null = null;
  #isOver = false;

  /** Answers the offer. Errors: offer.unacceptable, media.transcodingDisabled. */
  constructor(context: ViewerContext, { viewerId, offer, wish }: JoinRequest) {
    const { boot, endpoint } = context;
    const credentials = iceCredentials();
    this.viewerId = viewerId;
    this.#context = context;
    this.#wish = wish;
    this.#answer = writeAnswer({
      offer,
      cname,
      iceUfrag: credentials.localUfrag,
      icePwd: credentials.localPwd,
      video: profilesToOffer(context.streamVideo(), wish),
      // Audio that the source does not have yet is heard when it appears (ARCHITECTURE.md, The life of a viewer).
      sendAudio: boot.spec.hasAudio,
      sourceAudio: context.media().audio?.codec ?? null,
      takesTwcc: boot.settings.media.transcoding,
      candidates: endpoint.candidates,
      fingerprint: boot.certificate.fingerprint,
      sessionId: String(randomInt(2 ** 47)),
      videoSsrc: randomSsrc(),
      videoRtxSsrc: randomSsrc(),
      audioSsrc: randomSsrc(),
    });
    // An offer that cannot be served is refused now, not when the transport is up.
    this.#chooseEncoding();
    this.joinAnswer = { answerSdp: this.#answer.sdp, media: context.media(), iceTag: credentials.localUfrag };
    this.#transport = endpoint.admit({
      viewerId,
      credentials: { ...credentials, remoteUfrag: offer.iceUfrag },
      fingerprint: offer.fingerprint,
      onConnected: (keys) => this.#connected(keys),
      onRerouted: () => this.#delivery?.rerouted(),
      onRtcp: (packet) => this.#delivery?.receiveRtcp(packet),
      onEnded: (reason) => this.#end(reason),
    });
  }

  /** What it hears; null: it takes no encoding of the audio that can be made. */
  get audioEncoding(): AudioEncoding | null {
    return this.#answer.audio?.encoding ?? null;
  }

  get stats(): ViewerStats {
    return {
      viewerId: this.viewerId,
      connected: this.#delivery !== null,
      audioCodec: this.audioEncoding,
      ...(this.#delivery?.stats ?? neverSent),
    };
  }

  get sent(): SentTotals {
    const { packetsSent, bytesSent, packetsResent } = this.#delivery?.stats ?? neverSent;
    return { packets: packetsSent, bytes: bytesSent, resent: packetsResent };
  }

  /** ICE restart (RFC 8445 9): the viewer names itself by `viewerUfrag` now. */
  restart(viewerUfrag: string): RestartAnswer {
    const credentials = iceCredentials();
    const { localUfrag, localPwd } = credentials;
    this.#transport.restart({ ...credentials, remoteUfrag: viewerUfrag });
    this.#context.log('debug', 'viewer.iceRestart', { viewerId: this.viewerId });
    return { fragment: writeRestart(this.#answer.sdp, localUfrag, localPwd), iceTag: localUfrag };
  }

  /** The stream has changed: chooses the encoding anew, and ends when there is none. */
  reconsider(): void {
    if (this.#delivery === null) return;
    try {
      const chosen = this.#chooseEncoding();
      if (chosen !== null) this.#delivery.move(chosen.encoding, chosen.track);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      this.#transport.close();
      this.#end(error.code);
    }
  }

  /** Sends BYE and close_notify; posts no event. */
  leave(): void {
    if (this.#isOver) return;
    this.#forget();
    this.#transport.close();
  }

  #connected(keys: SrtpKeys): void {
    const { encodings, log, post } = this.#context;
    const { viewerId } = this;
    const { audio, twccId } = this.#answer;
    const chosen = this.#chooseEncoding();
    const encoding: VideoEncoding = chosen?.encoding ?? { kind: 'source' };
    const transport = this.#transport;
    this.#delivery = encodings.join(
      {
        keys,
        numbers: new SessionNumbers(),
        send: transport.send,
        route: transport.route,
        audio,
        video: chosen?.track ?? null,
        twccId,
        onTooSlow: (estimateKbps, sourceKbps) => this.#lower(estimateKbps, sourceKbps),
      },
      encoding,
      audio?.encoding ?? 'Opus',
    );
    log('info', 'viewer.connected', { viewerId, profile: keys.profile, encoding: encodingKey(encoding) });
    post({ kind: 'viewer.connected', viewerId });
  }

  /** The source's own encoding is too much for it: continues with media.fallbackKbps, if that is set. */
  #lower(estimateKbps: number, sourceKbps: number): void {
    const { boot, log, post } = this.#context;
    const { fallbackKbps, transcoding } = boot.settings.media;
    if (fallbackKbps === 0 || fallbackKbps >= sourceKbps || !transcoding) return;
    this.#wish = { width: null, height: null, bitrateKbps: fallbackKbps, quality: null };
    const chosen = this.#chooseEncoding();
    if (chosen === null) return;
    const { viewerId } = this;
    log('info', 'viewer.lowered', { viewerId, estimateKbps, sourceKbps, fallbackKbps });
    this.#delivery?.move(chosen.encoding, chosen.track);
    post({ kind: 'viewer.lowered', viewerId, estimateKbps, sourceKbps });
  }

  /** Null: no video for this viewer. Error: media.transcodingDisabled. */
  #chooseEncoding(): ViewerEncoding | null {
    const { video } = this.#answer;
    return video === null ? null : encodingFor(this.#context.streamVideo(), video, this.#wish);
  }

  #end(reason: ErrorCode | null): void {
    if (this.#isOver) return;
    const { viewerId } = this;
    this.#forget();
    this.#context.log('info', 'viewer.ended', { viewerId, reason });
    this.#context.post({ kind: 'viewer.ended', viewerId, reason });
  }

  #forget(): void {
    this.#isOver = true;
    this.#context.onGone(this);
    this.#delivery?.leave();
    this.#delivery = null;
  }
}
