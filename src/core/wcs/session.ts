/**
 * One WCS signalling session as a pure state machine: the client's frames, the supervisor's events and the time go in,
 * frames and requests come out (docs/wcs.md 3).
 */
import { errorTable } from '../../errors.js';
import { WireError } from '../bytes/wire-error.js';
import type { Emit, WcsInput, WcsOutput, WcsSettings } from './contract.js';
import type { WcsFrame } from './frame.js';
import { FrameBudget, isLogFrame } from './frame-budget.js';
import type { HookFields } from './hook-policy.js';
import { isKnownMessage } from './message-access.js';
import {
  availability,
  connectFailed,
  connectionFields,
  failed,
  isKept,
  notKept,
  parseFrame,
  playbackToken,
  readArgument,
  sessionDebugEvent,
  snapshotEvents,
  snapshotFailed,
  userData,
} from './messages.js';
import { WcsPlays } from './plays.js';
import { SessionHooks } from './session-hooks.js';

/** keep_alive.server_interval and keep_alive.probes of WCS. */
const pingEveryMs = 5000;
const maxUnanswered = 10;
const connectionTimeoutMs = 10_000;
const maxMalformed = 10;
/** RFC 6455 7.4.1. */
const closeBadData = 1007;
const closePolicy = 1008;

export class WcsSession {
  readonly #settings: WcsSettings;
  readonly #openedMs: number;
  readonly #budget = new FrameBudget();
  readonly #hooks: SessionHooks;
  readonly #plays: WcsPlays;
  #outputs: WcsOutput[] = [];
  #isConnecting = false;
  #connection: HookFields | null = null;
  #token = '';
  #isClosed = false;
  #malformed = 0;
  #unanswered = 0;
  #pingMs: number;

  constructor(settings: WcsSettings, openedMs: number) {
    this.#settings = settings;
    this.#openedMs = openedMs;
    this.#pingMs = openedMs + pingEveryMs;
    const emit: Emit = (...added) => this.#outputs.push(...added);
    this.#hooks = new SessionHooks(settings.hooks, emit);
    this.#plays = new WcsPlays(settings, this.#hooks, emit);
  }

  /** What the client said of itself; null before it is established. */
  get connection(): HookFields | null {
    return this.#connection;
  }

  /** The playback token of its `connection`; empty without one. */
  get token(): string {
    return this.#token;
  }

  step(input: WcsInput, nowMs: number): readonly WcsOutput[] {
    this.#outputs = [];
    // After the end only a late answer matters: its viewer is removed.
    if (!this.#isClosed || input.kind === 'view.answered' || input.kind === 'media.opened') this.#apply(input, nowMs);
    return this.#outputs;
  }

  #apply(input: WcsInput, nowMs: number): void {
    if ('play' in input) {
      this.#plays.hear(input, nowMs);
      return;
    }
    switch (input.kind) {
      case 'text':
        this.#receiveText(input.text, nowMs);
        break;
      case 'binary':
        this.#log('debug', 'wcs.ignored', { message: 'a binary frame' });
        break;
      case 'tick':
        this.#tick(nowMs);
        break;
      case 'found':
        this.#send(availability(input.mediaSessionId, input.code === null ? null : errorTable[input.code].info));
        break;
      case 'snapshot.taken':
        for (const frame of snapshotEvents(input.mediaSessionId, input.png)) this.#send(frame);
        break;
      case 'snapshot.failed':
        this.#send(snapshotFailed(input.mediaSessionId, errorTable[input.code].text));
        break;
      case 'hooked':
        this.#hooks.hear(input.call, input.answer);
        break;
      case 'media.opened':
        this.#plays.mediaOpened(input.socket);
        break;
      case 'closed':
        this.#end('DISCONNECTED');
        break;
      default:
        input satisfies never;
    }
  }

  #receiveText(text: string, nowMs: number): void {
    // Any frame shows that the client lives, not only a pong.
    this.#unanswered = 0;
    if (!this.#budget.take(text, nowMs)) {
      this.#close(closePolicy, 'too many messages');
      return;
    }
    if (isLogFrame(text)) return;
    try {
      this.#receive(parseFrame(text), nowMs);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#malformed += 1;
      this.#log('debug', 'wcs.malformed', { reason: error.message });
      if (this.#malformed >= maxMalformed) this.#close(closeBadData, 'malformed frames');
    }
  }

  #receive(frame: WcsFrame, nowMs: number): void {
    const argument = readArgument(frame);
    const { mediaSessionId, name } = argument;
    const { message } = frame;
    if (!isKnownMessage(message)) {
      this.#log('debug', 'wcs.ignored', { message });
      return;
    }
    switch (message) {
      case 'connection':
        this.#connect(frame);
        break;
      case 'connectMediaTransport':
        this.#openMedia(argument.authToken);
        break;
      case 'ping':
        this.#send({ message: 'pong', data: [null] });
        break;
      case 'pong':
        break;
      case 'playStream':
        if (this.#connection !== null) this.#plays.start(frame, argument, nowMs);
        else this.#send(failed(argument, 'Session not ready'));
        break;
      case 'stopStream':
        this.#plays.stop(argument.mediaSessionId);
        break;
      case 'availableStream':
        this.#outputs.push({ kind: 'find', mediaSessionId, name });
        break;
      case 'sendData':
        this.#send({ message: 'DataStatusEvent', data: [{ operationId: argument.operationId, status: 'ACCEPTED' }] });
        break;
      case 'submitBugReport':
        this.#send({ message: 'BugReportStatusEvent', data: [{ status: 'ACCEPTED', filename: '' }] });
        break;
      case 'sessionDebug':
        this.#send(sessionDebugEvent(argument));
        break;
      case 'snapshot':
        this.#outputs.push({ kind: 'snapshot', mediaSessionId, name, token: this.#plays.tokenOf(mediaSessionId) });
        break;
      case 'publishStream':
        // No streams are taken from browsers; left unanswered, the SDK would wait in PENDING for ever.
        this.#send(failed(argument, errorTable['control.forbidden'].info));
        break;
      default:
        message satisfies never;
    }
  }

  /** A second one changes nothing: who has been let in as one application is not another. */
  #connect(frame: WcsFrame): void {
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    if (!isKept(frame)) {
      this.#decline(notKept);
      return;
    }
    this.#token = playbackToken(frame);
    const { authToken, origin } = this.#settings;
    const fields = connectionFields(frame, authToken, origin);
    if (!this.#hooks.begin(String(fields.appKey))) {
      this.#decline();
      return;
    }
    this.#hooks.connect(fields, (verdict) => {
      if (verdict.kind === 'decline') {
        this.#decline();
        return;
      }
      this.#connection = verdict.fields;
      const user = this.#hooks.forClient('ConnectionStatusEvent', userData(frame, authToken));
      this.#send({ message: 'getUserData', data: [user] });
      this.#hooks.tell('ConnectionStatusEvent', { ...verdict.fields, status: 'ESTABLISHED' });
    });
  }

  /** Instead of `connection`: this socket takes the media of a play of another one (docs/wcs.md 3.10). */
  #openMedia(authToken: string): void {
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    this.#outputs.push({ kind: 'media', authToken });
  }

  #decline(info = errorTable['viewer.declined'].info): void {
    this.#send(connectFailed(info));
    this.#close(closePolicy, info);
  }

  #tick(nowMs: number): void {
    this.#plays.tick(nowMs);
    if (!this.#isConnecting) {
      if (nowMs - this.#openedMs >= connectionTimeoutMs) this.#close(closePolicy, 'no connection message');
    } else if (nowMs >= this.#pingMs) this.#ping(nowMs);
  }

  #ping(nowMs: number): void {
    if (this.#unanswered >= maxUnanswered) {
      this.#close(closePolicy, 'Terminated by keep-alive');
      return;
    }
    this.#unanswered += 1;
    this.#pingMs = nowMs + pingEveryMs;
    this.#send({ message: 'ping', data: [null] });
  }

  #close(code: number, reason: string): void {
    this.#log('warn', 'wcs.closing', { code, reason });
    this.#outputs.push({ kind: 'close', code, reason });
    this.#end('FAILED');
  }

  #end(status: 'DISCONNECTED' | 'FAILED'): void {
    this.#isClosed = true;
    this.#hooks.close();
    this.#plays.free();
    if (this.#connection !== null) this.#hooks.tell('ConnectionStatusEvent', { ...this.#connection, status });
  }

  #send(frame: WcsFrame): void {
    this.#outputs.push({ kind: 'send', frame });
  }

  #log(level: 'debug' | 'warn', event: string, fields: Readonly<Record<string, string | number>>): void {
    this.#outputs.push({ kind: 'log', level, event, fields });
  }
}
