/**
 * The life of one viewer on one thread: its offer is answered, its transport connects, it is sent an encoding, maybe another
 * one after that, and it ends. Each step has one method.
 */
import type { AudioEncoding } from '../../src/core/codec/audio-encoding.js';
import { encodingKey, type VideoEncoding } from '../../src/core/codec/video-encoding.js';
import type { AlertKeys } from '../../src/core/dtls/alert.js';
import type { Answer } from '../../src/core/sdp/answer.js';
import { writeRestart } from '../../src/core/sdp/fragment.js';
import type { SrtpKeys } from '../../src/core/srtp/srtp-keys.js';
import { type ErrorCode, SluiceError } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { JoinAnswer, JoinRequest, RestartAnswer, ViewerEvent } from '../contract.js';
import { leftSubscriptionOf } from '../fanout/left-subscription.js';
import { SessionNumbers, type TrackCounts } from '../fanout/session-numbers.js';
import type { SessionRecord } from '../session-record.js';
import type { ViewerStats } from '../stats.js';
import type { Admission, Transport } from '../transport/endpoint.js';
import { type AnswerContext, answerOffer, newCredentials } from './answer-offer.js';
import type { Delivery } from './delivery.js';
import { EncodingChoice } from './encoding-choice.js';
import type { Encodings } from './encodings.js';
import { neverSent, nothingSent, type SentTotals, sentSince } from './sent-totals.js';
import { encodingFor } from './viewer-encoding.js';

/** What the viewers of one thread have in common. */
export interface ViewerContext extends AnswerContext {
  readonly encodings: Encodings;
  readonly log: Logger;
  readonly post: (event: ViewerEvent) => void;
  /** It has ended, whoever ended it. */
  readonly onGone: (viewer: Viewer) => void;
}

/** A viewer as it begins on this thread: by its offer, or because the thread that served it is gone. */
export interface ViewerStart extends Pick<SessionRecord, 'viewerId' | 'answer' | 'wish'> {
  readonly openTransport: (events: Omit<Admission, 'viewerId' | 'credentials' | 'fingerprint'>) => Transport;
  readonly numbers: SessionNumbers;
  /** What its numbers say of its place in the histories is true of those of this thread. */
  readonly sameHistories: boolean;
}

/** Answers the offer. Errors: offer.unacceptable, media.transcodingDisabled. */
export function joinViewer(context: ViewerContext, request: JoinRequest): Viewer {
  const { viewerId, offer, wish } = request;
  const { fingerprint } = offer;
  const credentials = newCredentials(context.endpoint, offer.iceUfrag);
  const answer = answerOffer(context, request, credentials);
  // An offer that cannot be served is refused now, not when the transport is up.
  if (answer.video !== null) encodingFor(context.streamVideo(), answer.video, wish);
  const why = answer.refused.join('; ');
  if (why !== '') context.log('info', 'viewer.lineRefused', { viewerId, why });
  return new Viewer(context, {
    viewerId,
    answer,
    wish,
    numbers: new SessionNumbers(),
    sameHistories: false,
    openTransport: (events) => context.endpoint.admit({ viewerId, credentials, fingerprint, ...events }),
  });
}

/** Goes on with a session. It is connected, and sent nothing until `deliver`. `sameHistories`: it was sent those of this thread. */
export function resumeViewer(context: ViewerContext, record: SessionRecord, sameHistories: boolean): Viewer {
  const { viewerId, answer, wish, keys, alertKeys } = record;
  const viewer = new Viewer(context, {
    viewerId,
    answer,
    wish,
    numbers: new SessionNumbers(record.numbers),
    sameHistories,
    openTransport: (events) => context.endpoint.resume({ ...record, ...events }),
  });
  viewer.resume(keys, alertKeys);
  return viewer;
}

export class Viewer {
  readonly viewerId: string;
  readonly #context: ViewerContext;
  readonly #answer: Answer;
  readonly #choice: EncodingChoice;
  readonly #numbers: SessionNumbers;
  readonly #transport: Transport;
  readonly #sameHistories: boolean;
  /** By threads before. */
  readonly #sentBefore: TrackCounts;
  /** Null until its transport is connected. */
  #keys: Pick<SessionRecord, 'keys' | 'alertKeys'> | null = null;
  /** Null while it is sent nothing. */
  #delivery: Delivery | null = null;
  #isOver = false;

  constructor(context: ViewerContext, { viewerId, answer, wish, numbers, sameHistories, openTransport }: ViewerStart) {
    this.viewerId = viewerId;
    this.#context = context;
    this.#answer = answer;
    this.#choice = new EncodingChoice(context, { viewerId, answer, wish });
    this.#numbers = numbers;
    this.#sameHistories = sameHistories;
    this.#sentBefore = numbers.counts;
    this.#transport = openTransport({
      onConnected: (keys, alertKeys) => this.#connected(keys, alertKeys),
      onRerouted: () => this.#delivery?.rerouted(),
      onChanged: () => this.#keep(),
      rtcpIndices: numbers.rtcpSources,
      onRtcp: (packet, ageMs) => this.#delivery?.receiveRtcp(packet, ageMs),
      onEnded: (reason) => this.#end(reason),
    });
  }

  /** As its offer was answered. */
  get joinAnswer(): JoinAnswer {
    const [credentials] = this.#transport.state.credentials;
    return { answerSdp: this.#answer.sdp, media: this.#context.media(), iceTag: credentials?.localUfrag ?? '' };
  }

  /** What it hears; null: it takes no encoding of the audio that can be made. */
  get audioEncoding(): AudioEncoding | null {
    return this.#choice.audio;
  }

  get stats(): ViewerStats {
    return {
      viewerId: this.viewerId,
      connected: this.#keys !== null,
      audioCodec: this.audioEncoding,
      videoEncoding:
        this.#delivery === null || this.#answer.video === null ? null : encodingKey(this.#delivery.encoding),
      ...(this.#delivery?.stats ?? neverSent),
    };
  }

  /** By this thread. */
  get sent(): SentTotals {
    return this.#delivery === null ? nothingSent : sentSince(this.#delivery.stats, this.#sentBefore);
  }

  /** ICE restart (RFC 8445 9): the viewer names itself by `viewerUfrag` now. */
  restart(viewerUfrag: string): RestartAnswer {
    const credentials = newCredentials(this.#context.endpoint, viewerUfrag);
    const { localUfrag, localPwd } = credentials;
    this.#transport.restart(credentials);
    this.#context.log('debug', 'viewer.iceRestart', { viewerId: this.viewerId });
    return { fragment: writeRestart(this.#answer.sdp, localUfrag, localPwd), iceTag: localUfrag };
  }

  /** It is connected, by another thread. */
  resume(keys: SrtpKeys, alertKeys: AlertKeys): void {
    this.#keys = { keys, alertKeys };
    this.#keep();
  }

  /** It is sent the stream from now on. */
  deliver(): void {
    const known = this.#keys;
    if (this.#isOver || this.#delivery !== null || known === null) return;
    this.#orEnd(() => this.#deliver(known.keys));
  }

  /** The stream has changed: chooses the encoding again, and ends when there is none. */
  reconsider(): void {
    this.#orEnd(() => {
      const chosen = this.#delivery === null ? null : this.#choice.choose();
      if (chosen !== null) this.#delivery?.move(chosen.encoding, chosen.track);
    });
  }

  /** Sends BYE and close_notify; posts no event. */
  leave(): void {
    if (this.#isOver) return;
    const { viewerId } = this;
    if (this.#keys !== null) this.#context.post({ kind: 'viewer.session', viewerId, session: null });
    this.#forget();
    this.#transport.close();
  }

  /** Says nothing, and posts no event: another thread goes on with it. */
  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#delivery?.abandon();
    this.#delivery = null;
    this.#context.onGone(this);
  }

  #connected(keys: SrtpKeys, alertKeys: AlertKeys): void {
    const { log, post } = this.#context;
    const { viewerId } = this;
    this.#keys = { keys, alertKeys };
    const encoding = this.#deliver(keys);
    log('info', 'viewer.connected', { viewerId, profile: keys.profile, encoding: encodingKey(encoding) });
    post({ kind: 'viewer.connected', viewerId, ...this.#transport.connectedIn });
    this.#keep();
  }

  #deliver(keys: SrtpKeys): VideoEncoding {
    const { audio, twccId } = this.#answer;
    const chosen = this.#choice.choose();
    const encoding: VideoEncoding = chosen?.encoding ?? { kind: 'source' };
    const transport = this.#transport;
    this.#delivery = this.#context.encodings.join(
      {
        keys,
        numbers: this.#numbers,
        send: transport.send,
        route: transport.route,
        audio,
        video: chosen?.track ?? null,
        twccId,
        onTooSlow: (estimateKbps, sentKbps) => this.#slow(estimateKbps, sentKbps),
        onUndecoded: () => this.#undecoded(),
        standing: this.#sameHistories ? leftSubscriptionOf(this.#numbers, encoding.kind === 'source') : null,
      },
      encoding,
      audio?.encoding ?? 'Opus',
    );
    return encoding;
  }

  /** Tells how another thread would go on with it. */
  #keep(): void {
    if (this.#keys === null || this.#isOver) return;
    const { viewerId } = this;
    const { credentials, addresses } = this.#transport.state;
    const { portId } = this.#context.endpoint;
    const { keys, alertKeys } = this.#keys;
    const numbers = this.#numbers.block;
    const known = {
      viewerId,
      portId,
      answer: this.#answer,
      wish: this.#choice.wish,
      keys,
      alertKeys,
      credentials,
      addresses,
    };
    const isReached = addresses.some(({ isTarget }) => isTarget);
    this.#context.post({ kind: 'viewer.session', viewerId, session: isReached ? { ...known, numbers } : null });
  }

  /** It does not decode the source's own encoding: goes on with one of ours, where that may be made. */
  #undecoded(): void {
    if (this.#choice.avoidSource()) this.reconsider();
  }

  /** What it is sent is too much for it. */
  #slow(estimateKbps: number, sentKbps: number): void {
    const delivery = this.#delivery;
    if (delivery === null) return;
    const { encoding } = delivery;
    this.#choice.lower(encoding, sentKbps, (lower) => {
      // It has left meanwhile, or is sent something else.
      if (this.#delivery !== delivery || delivery.encoding !== encoding) return;
      delivery.move(lower.encoding, lower.track);
      this.#lowered(estimateKbps, sentKbps, lower.encoding);
    });
  }

  #lowered(estimateKbps: number, sourceKbps: number, encoding: VideoEncoding): void {
    const { log, post } = this.#context;
    const { viewerId } = this;
    log('info', 'viewer.lowered', { viewerId, estimateKbps, sourceKbps, encoding: encodingKey(encoding) });
    post({ kind: 'viewer.lowered', viewerId, estimateKbps, sourceKbps });
    this.#keep();
  }

  /** It ends when no encoding of the stream is for it. */
  #orEnd(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      this.#transport.close();
      this.#end(error.code);
    }
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
