/**
 * The commands of a player (RTMP 1.0 section 7.2): connect, createStream, play, and what the server says to them. Where
 * servers differ, ffmpeg's and librtmp's behaviour rules. `waitingFor` says which answer is due.
 */
import type { ErrorCode } from '../../errors.js';
import type { AmfValue } from '../amf/amf-value.js';
import { WireError } from '../bytes/wire-error.js';
import { answerChallenge } from './auth.js';
import type { ClientSend } from './client-send.js';
import { describeStatus, judgeStatus, readStatus } from './client-status.js';
import type { Command } from './command.js';
import { connectProperties } from './connect-command.js';
import { readReconnect, readRedirect } from './redirect.js';
import { serverCalls } from './server-calls.js';
import type { RtmpUrl } from './url.js';

export interface DialogueOptions {
  readonly url: RtmpUrl;
  /** 8 hexadecimal digits, random. */
  readonly clientNonce: string;
  readonly bufferLengthMs: number;
  /** What an earlier connection's `authenticate` event gave; null at first. */
  readonly auth: Auth | null;
  /** True: FCSubscribe goes before play, without which the edges of some CDNs (Limelight, Akamai) have no stream. */
  readonly subscribes: boolean;
  /** False: connect goes without the fields of Enhanced RTMP. */
  readonly isEnhanced: boolean;
}

export interface Auth {
  readonly query: string;
  /** True: `query` answers a challenge. */
  readonly hasResponded: boolean;
}

export type DialogueEvent =
  /** The server plays the stream: once, before all audio and video. */
  | { readonly kind: 'accepted' }
  /** The last of a connection, as are the two below. `detail` holds no secret. */
  | { readonly kind: 'ended'; readonly reason: ErrorCode; readonly detail: string }
  /** Connect there, through the address guard. */
  | { readonly kind: 'redirect'; readonly url: RtmpUrl }
  /** Connect again with this. */
  | { readonly kind: 'authenticate'; readonly auth: Auth };

export type Waiting = 'handshake' | 'connect' | 'createStream' | 'play' | 'media' | 'nothing';

export interface Lateness {
  readonly reason: ErrorCode;
  readonly detail: string;
}

export class Dialogue {
  readonly #options: DialogueOptions;
  readonly #send: ClientSend;
  readonly #emit: (event: DialogueEvent) => void;
  /** Transaction ids; 0 while the call was not made. */
  readonly #calls = { subscribe: 0, createStream: 0, play: 0 };
  #waitingFor: Waiting = 'handshake';
  #streamId = 0;
  /** What became of FCSubscribe; `understood`: the edge fetches the stream, and will say onFCSubscribe. */
  #subscription: 'none' | 'asked' | 'understood' | 'done' = 'none';
  /** Why the stream was not found while the edge was still fetching it. */
  #notFoundYet = '';
  #bandwidthChecks = 0;

  constructor(options: DialogueOptions, send: ClientSend, emit: (event: DialogueEvent) => void) {
    this.#options = options;
    this.#send = send;
    this.#emit = emit;
  }

  /** `nothing` after the last event. */
  get waitingFor(): Waiting {
    return this.#waitingFor;
  }

  /** The message stream that plays; 0 before there is one. */
  get streamId(): number {
    return this.#streamId;
  }

  /** What it means when no answer comes. */
  get lateness(): Lateness {
    if (this.#notFoundYet !== '') return { reason: 'source.notFound', detail: this.#notFoundYet };
    return { reason: 'source.timeout', detail: `no answer to ${this.#waitingFor}` };
  }

  connect(): void {
    const { url, auth, isEnhanced } = this.#options;
    this.#waitingFor = 'connect';
    this.#send.call('connect', connectProperties({ url, authQuery: auth?.query ?? '', isEnhanced }));
  }

  /** A command from the server. Error: WireError. */
  receive(command: Command): void {
    if (command.name === '_result') this.#onResult(command);
    else if (command.name === '_error') this.#onError(command);
    else this.#onCall(command);
  }

  /** A status that comes as data. Error: WireError. */
  status(args: readonly AmfValue[]): void {
    this.#onStatus(args);
  }

  /** Audio or video comes: some servers send it without announcing it. */
  accept(): void {
    if (this.#waitingFor !== 'play') return;
    this.#waitingFor = 'media';
    this.#emit({ kind: 'accepted' });
  }

  end(reason: ErrorCode, detail: string): void {
    this.#finish({ kind: 'ended', reason, detail });
  }

  #finish(event: DialogueEvent): void {
    if (this.#waitingFor === 'nothing') return;
    this.#waitingFor = 'nothing';
    this.#emit(event);
  }

  #createStream(): void {
    if (this.#waitingFor !== 'connect') return;
    this.#waitingFor = 'createStream';
    this.#send.offerWindow();
    if (this.#options.subscribes) {
      this.#subscription = 'asked';
      this.#calls.subscribe = this.#send.call('FCSubscribe', null, this.#options.url.stream);
    }
    this.#calls.createStream = this.#send.call('createStream', null);
  }

  #play(): void {
    this.#waitingFor = 'play';
    this.#send.bufferLength(this.#streamId, this.#options.bufferLengthMs);
    this.#calls.play = this.#send.play(this.#streamId, this.#options.url.stream);
  }

  #onResult({ transactionId, args }: Command): void {
    if (transactionId === this.#calls.subscribe && this.#subscription === 'asked') this.#subscription = 'understood';
    else if (this.#waitingFor === 'connect') this.#onStatus(args, () => this.#createStream());
    else if (this.#waitingFor === 'createStream' && [this.#calls.createStream, 0].includes(transactionId)) {
      this.#streamId = readStreamId(args);
      this.#play();
    }
  }

  /** Errors of commands that nothing depends on (FCSubscribe, _checkbw) are left alone. */
  #onError({ transactionId, args }: Command): void {
    const { createStream, play } = this.#calls;
    const isStep = [createStream, play].includes(transactionId) && this.#waitingFor !== 'media';
    if (this.#waitingFor === 'connect' || isStep) this.#onStatus(args, () => this.#refuse('source.rejected', args));
  }

  /** @param otherwise what a status that decides nothing by itself means here. */
  #onStatus(args: readonly AmfValue[], otherwise?: () => void): void {
    const { url } = this.#options;
    const redirected = readRedirect(args, url);
    const status = readStatus(args);
    // What stops before it has begun is another stream: the one that the server played before it.
    const isOther = this.#waitingFor === 'play' && status.code === 'NetStream.Play.Stop';
    if (isOther) return;
    const verdict = judgeStatus(status);
    if (redirected !== null) this.#finish({ kind: 'redirect', url: redirected });
    else if (verdict.kind === 'reconnect') this.#finish({ kind: 'redirect', url: readReconnect(args, url) });
    else if (verdict.kind === 'connected') this.#createStream();
    else if (verdict.kind === 'accepted') this.accept();
    else if (verdict.kind === 'ended') this.#refuse(verdict.reason, args);
    else otherwise?.();
  }

  #refuse(reason: ErrorCode, args: readonly AmfValue[]): void {
    const status = readStatus(args);
    if (this.#answersChallenge(status.description)) return;
    const detail = describeStatus(status);
    const mayComeYet = this.#waitingFor === 'play' && this.#subscription === 'understood';
    if (reason === 'source.notFound' && mayComeYet) this.#notFoundYet = detail;
    else this.end(reason, detail);
  }

  /** True when a refused connect was about credentials, and is dealt with. */
  #answersChallenge(description: string): boolean {
    if (this.#waitingFor !== 'connect') return false;
    const { url, auth, clientNonce } = this.#options;
    const { user, password, app } = url;
    const hasResponded = auth?.hasResponded ?? false;
    const step = answerChallenge({ description, user, password, app, clientNonce, hasResponded });
    if (step.kind === 'again') this.#finish({ kind: 'authenticate', auth: step });
    if (step.kind === 'refused') this.end('source.notAuthorised', step.detail);
    return step.kind !== 'none';
  }

  #onCall({ name, transactionId, args }: Command): void {
    switch (serverCalls.get(name)) {
      case 'status':
        this.#onStatus(args);
        break;
      case 'subscribed':
        this.#onSubscribed(args);
        break;
      case 'unsubscribed':
        this.end('source.ended', describeStatus(readStatus(args)));
        break;
      case 'close':
        this.end(this.#waitingFor === 'media' ? 'source.ended' : 'source.rejected', 'it closed the session');
        break;
      case 'checkBandwidth':
        this.#onBandwidthDone();
        break;
      case 'countBandwidth':
        this.#send.answer(transactionId, this.#bandwidthChecks++);
        break;
      case 'pong':
        this.#send.notify('pong', null);
        break;
      case 'acknowledge':
        if (transactionId > 0) this.#send.answer(transactionId, null);
        break;
    }
  }

  #onSubscribed(args: readonly AmfValue[]): void {
    const status = readStatus(args);
    if (judgeStatus(status).kind === 'ended') this.end('source.notFound', describeStatus(status));
    else if (this.#notFoundYet !== '' && this.#waitingFor === 'play') this.#play();
    this.#subscription = 'done';
  }

  #onBandwidthDone(): void {
    if (this.#bandwidthChecks > 0) return;
    this.#bandwidthChecks = 1;
    this.#send.call('_checkbw', null);
  }
}

/** Behind a command object, which some leave out; a number, or one as text. Error: WireError. */
function readStreamId(args: readonly AmfValue[]): number {
  const ids = args.map((arg) => (typeof arg === 'string' && arg !== '' ? Number(arg) : arg));
  const id = ids.find((one): one is number => typeof one === 'number' && one >= 0 && one < 2 ** 32);
  if (id === undefined) throw new WireError('rtmp.client', 'createStream was answered without a stream');
  return Math.floor(id);
}
