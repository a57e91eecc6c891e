/**
 * One address of a stream: dials it, answers its challenges, follows its redirects and holds its RTMP session until it
 * is lost. What was learnt of it stays for the next time: how it wants to be spoken to, and when to dial it again. The
 * address of every attempt, redirects included, goes through the guard behind `resolve`.
 */
import { randomBytes } from 'node:crypto';
import { WireError } from '../../src/core/bytes/wire-error.js';
import type { Auth } from '../../src/core/rtmp/client-dialogue.js';
import { handshakeRandomBytes } from '../../src/core/rtmp/handshake.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import { createReconnect } from '../../src/core/rtmp/reconnect.js';
import { parseRtmpUrl, type RtmpUrl } from '../../src/core/rtmp/url.js';
import { type ErrorCode, errorTable, SluiceError } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorHost, ActorSettings, PullOrigin } from '../contract.js';
import { openRtmpSession, type RtmpSession, type SessionEnd } from './rtmp-session.js';
import { dial } from './rtmp-socket.js';
import { createSourceHints } from './source-hints.js';

const maxRedirects = 3;
const maxAuthSteps = 2;

export interface SourceOptions {
  /** May hold credentials: it is never logged. */
  readonly uri: string;
  readonly origin: PullOrigin;
  readonly settings: ActorSettings['rtmp'];
  readonly resolve: ActorHost['resolve'];
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly log: Logger;
}

export interface LinkEvents {
  /** A new RTMP session begins: told before its first media. */
  readonly onSession: () => void;
  /** The source plays: at `address`. */
  readonly onAccepted: (address: string) => void;
  readonly onMedia: (message: MediaMessage) => void;
  /** It played, and asked to connect elsewhere or anew: which is being done. */
  readonly onMoving: () => void;
  /** The last of all; never within `open`. `detail` holds no secret. */
  readonly onLost: (reason: ErrorCode, detail: string) => void;
}

/** A source from its dialling to its loss. */
export interface Link {
  /** Resolves when all is closed; nothing is told or dialled after the call. */
  close(): Promise<void>;
  /** It plays, but what cannot be used: it is closed, and lost for this reason. */
  refuse(reason: ErrorCode, detail: string): void;
}

export interface Source {
  /** When it may be dialled, in monotonic ms; Infinity once it is given up. */
  readonly readyMs: number;
  readonly receivedBytes: number;
  /** How often it was dialled. */
  readonly attempts: number;
  /** One link at a time: the one before must be closed or lost. */
  open(events: LinkEvents): Link;
}

interface Target {
  readonly url: RtmpUrl;
  readonly auth: Auth | null;
  readonly isRedirected: boolean;
}

export function createSource(options: SourceOptions): Source {
  const { settings, nowMs, log } = options;
  const backoff = createReconnect({
    firstMs: settings.reconnectFirstMs,
    maxMs: settings.reconnectMaxMs,
    random: Math.random,
  });
  const hints = createSourceHints();
  let session: RtmpSession | null = null;
  let earlierBytes = 0;
  let attempts = 0;
  let readyMs = 0;

  const retire = (): RtmpSession | null => {
    const last = session;
    earlierBytes += last?.receivedBytes ?? 0;
    session = null;
    return last;
  };

  const open = (events: LinkEvents): Link => {
    const life = new AbortController();
    let redirects = 0;
    let authSteps = 0;
    let isAccepted = false;

    const lose = (reason: ErrorCode, detail: string): void => {
      if (life.signal.aborted) return;
      life.abort();
      readyMs = errorTable[reason].retry ? nowMs() + backoff.delayMs(nowMs()) : Number.POSITIVE_INFINITY;
      events.onLost(reason, detail);
    };

    const onRedirect = (url: RtmpUrl): void => {
      if (backoff.isStable(nowMs())) redirects = 0;
      redirects += 1;
      authSteps = 0;
      if (redirects > maxRedirects) {
        lose('source.rejected', `more than ${maxRedirects} redirects`);
        return;
      }
      log('info', 'source.redirected', { host: url.host, port: url.port });
      if (isAccepted) events.onMoving();
      isAccepted = false;
      void attempt({ url, auth: null, isRedirected: true });
    };

    const onEnd = (target: Target, end: SessionEnd): void => {
      retire();
      if (end.kind === 'redirect') onRedirect(end.url);
      else if (end.kind === 'authenticate') {
        authSteps += 1;
        if (authSteps <= maxAuthSteps) void attempt({ ...target, auth: end.auth });
        else lose('source.notAuthorised', 'it asks for credentials again and again');
      } else {
        hints.failed(end.reason, end.waitingFor);
        lose(end.reason, end.detail);
      }
    };

    const dialTarget = async (target: Target): Promise<void> => {
      const addresses = await options.resolve(target.url.host, options.origin);
      if (life.signal.aborted) return;
      const { connectTimeoutMs: timeoutMs, caPem } = settings;
      const { socket, reads } = await dial({
        url: target.url,
        addresses,
        caPem,
        timeoutMs,
        nowMs,
        signal: life.signal,
      });
      if (life.signal.aborted) {
        socket.destroy();
        return;
      }
      let hasBegun = false;
      const begin = (): void => {
        if (!hasBegun) events.onSession();
        hasBegun = true;
      };
      session = openRtmpSession({
        socket,
        reads,
        settings,
        nowMs,
        firstMediaTimeoutMs: settings.silenceTimeoutMs * hints.patience,
        client: {
          url: target.url,
          auth: target.auth,
          ...hints.current,
          bufferLengthMs: settings.bufferLengthMs,
          maxMessageBytes: settings.maxMessageBytes,
          random: randomBytes(handshakeRandomBytes),
          clientNonce: randomBytes(4).toString('hex'),
        },
        onAccepted() {
          begin();
          isAccepted = true;
          events.onAccepted(socket.remoteAddress ?? '');
        },
        onMedia(message) {
          begin();
          if (message.track !== 'data') {
            hints.worked();
            backoff.media(nowMs());
          }
          events.onMedia(message);
        },
        onEnd: (end) => onEnd(target, end),
      });
    };

    const attempt = async (target: Target): Promise<void> => {
      attempts += 1;
      try {
        await dialTarget(target);
      } catch (error) {
        if (life.signal.aborted) return;
        if (!(error instanceof SluiceError)) throw error; // A bug: the thread ends, and the supervisor starts another.
        const { host } = target.url;
        lose(error.code, target.isRedirected ? `${error.detail} (redirected to ${host})`.trim() : error.detail);
      }
    };

    const begin = async (): Promise<void> => {
      // Nothing is told before the caller has its link.
      await null;
      if (life.signal.aborted) return;
      try {
        void attempt({ url: parseRtmpUrl(options.uri), auth: null, isRedirected: false });
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        lose('request.invalid', error.message);
      }
    };

    void begin();
    return {
      async close() {
        life.abort();
        await retire()?.close();
      },
      refuse(reason, detail) {
        void retire()?.close();
        lose(reason, detail);
      },
    };
  };

  return {
    open,
    get readyMs() {
      return readyMs;
    },
    get receivedBytes() {
      return earlierBytes + (session?.receivedBytes ?? 0);
    },
    get attempts() {
      return attempts;
    },
  };
}
