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

export interface Dialogue {
  /** `nothing` after the last event. */
  readonly waitingFor: Waiting;
  /** The message stream that plays; 0 before there is one. */
  readonly streamId: number;
  /** What it means when no answer comes. */
  readonly lateness: Lateness;
  connect(): void;
  /** A command from the server. Error: WireError. */
  receive(command: Command): void;
  /** A status that comes as data. Error: WireError. */
  status(args: readonly AmfValue[]): void;
  /** Audio or video comes: some servers send it without a word about it. */
  accept(): void;
  end(reason: ErrorCode, detail: string): void;
}

export function createDialogue(
  options: DialogueOptions,
  send: ClientSend,
  emit: (event: DialogueEvent) => void,
): Dialogue {
  const { url } = options;
  const calls = { subscribe: 0, createStream: 0, play: 0 };
  let waitingFor: Waiting = 'handshake';
  let streamId = 0;
  /** What became of FCSubscribe; `understood`: the edge fetches the stream, and will say onFCSubscribe. */
  let subscription: 'none' | 'asked' | 'understood' | 'done' = 'none';
  let notFoundYet = '';
  let bandwidthChecks = 0;

  const finish = (event: DialogueEvent): void => {
    if (waitingFor === 'nothing') return;
    waitingFor = 'nothing';
    emit(event);
  };
  const end = (reason: ErrorCode, detail: string): void => finish({ kind: 'ended', reason, detail });
  const accept = (): void => {
    if (waitingFor !== 'play') return;
    waitingFor = 'media';
    emit({ kind: 'accepted' });
  };

  const createStream = (): void => {
    if (waitingFor !== 'connect') return;
    waitingFor = 'createStream';
    send.offerWindow();
    if (options.subscribes) {
      subscription = 'asked';
      calls.subscribe = send.call('FCSubscribe', null, url.stream);
    }
    calls.createStream = send.call('createStream', null);
  };
  const play = (): void => {
    waitingFor = 'play';
    send.bufferLength(streamId, options.bufferLengthMs);
    calls.play = send.play(streamId, url.stream);
  };

  /** True when a refused connect was about credentials, and is dealt with. */
  const challenged = (description: string): boolean => {
    if (waitingFor !== 'connect') return false;
    const { user, password, app } = url;
    const hasResponded = options.auth?.hasResponded ?? false;
    const step = answerChallenge({ description, user, password, app, clientNonce: options.clientNonce, hasResponded });
    if (step.kind === 'again') finish({ kind: 'authenticate', auth: step });
    if (step.kind === 'refused') end('source.notAuthorised', step.detail);
    return step.kind !== 'none';
  };

  const refuse = (reason: ErrorCode, args: readonly AmfValue[]): void => {
    const status = readStatus(args);
    if (challenged(status.description)) return;
    const detail = describeStatus(status);
    if (reason === 'source.notFound' && waitingFor === 'play' && subscription === 'understood') notFoundYet = detail;
    else end(reason, detail);
  };

  /** @param otherwise what a status that decides nothing by itself means here. */
  const onStatus = (args: readonly AmfValue[], otherwise?: () => void): void => {
    const redirected = readRedirect(args, url);
    const verdict = judgeStatus(readStatus(args));
    if (redirected !== null) finish({ kind: 'redirect', url: redirected });
    else if (verdict.kind === 'reconnect') finish({ kind: 'redirect', url: readReconnect(args, url) });
    else if (verdict.kind === 'connected') createStream();
    else if (verdict.kind === 'accepted') accept();
    else if (verdict.kind === 'ended') refuse(verdict.reason, args);
    else otherwise?.();
  };

  const onResult = ({ transactionId, args }: Command): void => {
    if (transactionId === calls.subscribe && subscription === 'asked') subscription = 'understood';
    else if (waitingFor === 'connect') onStatus(args, createStream);
    else if (waitingFor === 'createStream' && transactionId === calls.createStream) {
      const id = args[1];
      if (typeof id !== 'number' || !(id >= 0 && id < 2 ** 32)) {
        throw new WireError('rtmp.client', 'createStream was answered without a stream');
      }
      streamId = Math.floor(id);
      play();
    }
  };

  /** Errors of commands that nothing depends on (FCSubscribe, _checkbw) are left alone. */
  const onError = ({ transactionId, args }: Command): void => {
    const isStep = [calls.createStream, calls.play].includes(transactionId) && waitingFor !== 'media';
    if (waitingFor === 'connect' || isStep) onStatus(args, () => refuse('source.rejected', args));
  };

  const onSubscribed = (args: readonly AmfValue[]): void => {
    const status = readStatus(args);
    if (judgeStatus(status).kind === 'ended') end('source.notFound', describeStatus(status));
    else if (notFoundYet !== '' && waitingFor === 'play') play();
    subscription = 'done';
  };

  const onBandwidthDone = (): void => {
    if (bandwidthChecks > 0) return;
    bandwidthChecks = 1;
    send.call('_checkbw', null);
  };

  const onCall = ({ name, transactionId, args }: Command): void => {
    const action = serverCalls.get(name);
    if (action === 'status') onStatus(args);
    else if (action === 'subscribed') onSubscribed(args);
    else if (action === 'unsubscribed') end('source.ended', describeStatus(readStatus(args)));
    else if (action === 'close')
      end(waitingFor === 'media' ? 'source.ended' : 'source.rejected', 'it closed the session');
    else if (action === 'checkBandwidth') onBandwidthDone();
    else if (action === 'countBandwidth') send.answer(transactionId, bandwidthChecks++);
    else if (action === 'pong') send.notify('pong', null);
    else if (action === 'acknowledge' && transactionId > 0) send.answer(transactionId, null);
  };

  return {
    get waitingFor() {
      return waitingFor;
    },
    get streamId() {
      return streamId;
    },
    get lateness(): Lateness {
      if (notFoundYet !== '') return { reason: 'source.notFound', detail: notFoundYet };
      return { reason: 'source.timeout', detail: `no answer to ${waitingFor}` };
    },
    connect() {
      waitingFor = 'connect';
      const authQuery = options.auth?.query ?? '';
      send.call('connect', connectProperties({ url, authQuery, isEnhanced: options.isEnhanced }));
    },
    receive(command) {
      if (command.name === '_result') onResult(command);
      else if (command.name === '_error') onError(command);
      else onCall(command);
    },
    status: (args) => onStatus(args),
    accept,
    end,
  };
}
