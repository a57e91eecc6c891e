/**
 * Keeps one source connected: resolves and dials it, holds its RTMP session, and dials it again when it is lost. The
 * address of every attempt, redirects included, goes through the guard behind `resolve`.
 */
import { randomBytes } from 'node:crypto';
import { WireError } from '../../src/core/bytes/wire-error.js';
import type { Track } from '../../src/core/rtmp/client.js';
import type { Auth } from '../../src/core/rtmp/client-dialogue.js';
import { handshakeRandomBytes } from '../../src/core/rtmp/handshake.js';
import { createReconnect } from '../../src/core/rtmp/reconnect.js';
import { parseRtmpUrl, type RtmpUrl } from '../../src/core/rtmp/url.js';
import { type ErrorCode, errorTable, SluiceError } from '../../src/errors.js';
import type { ActorHost, ActorSettings, LogFields, LogLevel, PullOrigin, SourceState } from '../contract.js';
import { createMediaGuard } from './media-guard.js';
import { openRtmpSession, type RtmpSession, type SessionEnd } from './rtmp-session.js';
import { dial } from './rtmp-socket.js';
import { createSourceHints } from './source-hints.js';

const maxRedirects = 3;
const maxAuthSteps = 2;

export interface PullOptions {
  /** May hold credentials: it is never logged. */
  readonly uri: string;
  readonly origin: PullOrigin;
  readonly settings: ActorSettings['rtmp'];
  readonly resolve: ActorHost['resolve'];
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** PENDING, CONNECTED and FAILED; `reason` is the cause of PENDING after a loss, and of FAILED. */
  readonly onState: (state: SourceState, reason: ErrorCode | null, detail: string) => void;
  /** A new RTMP session begins: told before its first media. */
  readonly onSession: () => void;
  /** A WireError thrown here costs this message only. */
  readonly onMedia: (track: Track, timestampMs: number, body: Uint8Array) => void;
  readonly log: (level: LogLevel, event: string, fields?: LogFields) => void;
}

export interface Pull {
  /** Takes effect once. */
  start(): void;
  /** Resolves when all is closed; nothing is told or dialled after the call. */
  stop(): Promise<void>;
  readonly sourceBytes: number;
  /** Attempts after the first. */
  readonly reconnects: number;
}

interface Target {
  readonly url: RtmpUrl;
  readonly auth: Auth | null;
}

export function createPull(options: PullOptions): Pull {
  const { settings, nowMs, log } = options;
  const backoff = createReconnect({
    ...{ firstMs: settings.reconnectFirstMs, maxMs: settings.reconnectMaxMs },
    random: Math.random,
  });
  const hints = createSourceHints();
  const media = createMediaGuard({ nowMs, log, onMedia: options.onMedia });
  const life = new AbortController();
  let session: RtmpSession | null = null;
  let retry: NodeJS.Timeout | undefined;
  let hasStarted = false;
  let earlierBytes = 0;
  let attempts = 0;
  let redirects = 0;
  let authSteps = 0;
  let told = '';
  let isConnected = false;

  /** The same is told once, however often it happens; true when it was news. */
  const tell = (state: SourceState, reason: ErrorCode | null, detail = ''): boolean => {
    const what = `${state} ${reason} ${detail}`;
    if (what === told || life.signal.aborted) return false;
    told = what;
    options.onState(state, reason, detail);
    return true;
  };

  const lost = (reason: ErrorCode, detail: string): void => {
    if (!errorTable[reason].retry) {
      log('warn', 'source.givenUp', { reason, detail });
      tell('FAILED', reason, detail);
      life.abort();
      return;
    }
    redirects = 0;
    authSteps = 0;
    const delayMs = backoff.delayMs(nowMs());
    const isNews = tell('PENDING', reason, detail);
    log(isNews ? 'warn' : 'debug', 'source.lost', { reason, detail, retryMs: delayMs });
    if (!life.signal.aborted) retry = setTimeout(begin, delayMs);
  };

  const onRedirect = (url: RtmpUrl): void => {
    if (backoff.isStable(nowMs())) redirects = 0;
    redirects += 1;
    authSteps = 0;
    if (redirects > maxRedirects) {
      lost('source.rejected', `more than ${maxRedirects} redirects`);
      return;
    }
    log('info', 'source.redirected', { host: url.host, port: url.port });
    if (isConnected) tell('PENDING', 'source.ended', 'it asked to connect elsewhere');
    void attempt({ url, auth: null });
  };

  const onChallenge = (url: RtmpUrl, auth: Auth): void => {
    authSteps += 1;
    if (authSteps > maxAuthSteps) lost('source.notAuthorised', 'it asks for credentials again and again');
    else void attempt({ url, auth });
  };

  const onEnd = ({ url }: Target, end: SessionEnd): void => {
    earlierBytes += session?.receivedBytes ?? 0;
    session = null;
    if (end.kind === 'redirect') onRedirect(end.url);
    else if (end.kind === 'authenticate') onChallenge(url, end.auth);
    else {
      hints.failed(end.reason, end.waitingFor);
      lost(end.reason, end.detail);
    }
    isConnected = false;
  };

  const open = async (target: Target): Promise<void> => {
    const addresses = await options.resolve(target.url.host, options.origin);
    if (life.signal.aborted) return;
    const timeoutMs = settings.connectTimeoutMs;
    const { caPem } = settings;
    const socket = await dial({ url: target.url, addresses, caPem, timeoutMs, nowMs, signal: life.signal });
    if (life.signal.aborted) {
      socket.destroy();
      return;
    }
    let hasBegun = false;
    const beginSession = (): void => {
      if (!hasBegun) options.onSession();
      hasBegun = true;
    };
    session = openRtmpSession({
      ...{ socket, settings, nowMs },
      client: {
        ...{ ...target, ...hints.current },
        ...{ bufferLengthMs: settings.bufferLengthMs, maxMessageBytes: settings.maxMessageBytes },
        random: randomBytes(handshakeRandomBytes),
        clientNonce: randomBytes(4).toString('hex'),
      },
      onAccepted() {
        beginSession();
        log('info', 'source.connected', { address: socket.remoteAddress ?? '', attempts });
        isConnected = true;
        tell('CONNECTED', null);
      },
      onMedia(track, timestampMs, body) {
        beginSession();
        if (track !== 'data') {
          hints.worked();
          backoff.media(nowMs());
        }
        media.pass(track, timestampMs, body);
      },
      onEnd: (end) => onEnd(target, end),
    });
  };

  const attempt = async (target: Target): Promise<void> => {
    attempts += 1;
    try {
      await open(target);
    } catch (error) {
      if (life.signal.aborted) return;
      if (!(error instanceof SluiceError)) throw error; // A bug: the thread ends, and the supervisor starts another.
      lost(error.code, error.detail);
    }
  };

  const begin = (): void => {
    try {
      void attempt({ url: parseRtmpUrl(options.uri), auth: null });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      lost('request.invalid', error.message);
    }
  };

  return {
    start() {
      if (hasStarted || life.signal.aborted) return;
      hasStarted = true;
      tell('PENDING', null);
      begin();
    },
    async stop() {
      life.abort();
      clearTimeout(retry);
      await session?.close();
    },
    get sourceBytes() {
      return earlierBytes + (session?.receivedBytes ?? 0);
    },
    get reconnects() {
      return Math.max(0, attempts - 1);
    },
  };
}
