/**
 * Who plays by HLS (docs/hls.md, Viewers): a player counts as a viewer for as long as it goes on asking for lists. It is known by the
 * `session` of their addresses, which the multivariant list gives to each player again; one that brings none by its address and browser.
 */
import { randomBytes } from 'node:crypto';
import { clientKey } from '../core/guard/ip-address.js';
import { type ErrorCode, SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import type { HttpRequest } from './http.js';
import { keptUserAgent } from './playback-request.js';

export interface HlsSessions {
  /**
   * A list of this stream is asked for. Gives what is to be called once, when it is answered. Errors: viewer.ended, and those of
   * Streams.viewFragments for a player that has just come.
   */
  asks(request: HttpRequest, stream: HlsStream): Promise<Answered>;
  /** A file of the stream was sent. It is named alike for all players, for caches: it goes to who asked last of this client. */
  sent(request: HttpRequest, pullId: string, bytes: number): void;
  close(): void;
}

export type Answered = (sentBytes: number) => void;

interface HlsStream {
  readonly pullId: string;
  /** As it was asked for. */
  readonly name: string;
  /** EXT-X-TARGETDURATION. */
  readonly targetS: number;
  readonly isOver: () => boolean;
}

interface Session {
  readonly key: string;
  readonly client: string;
  bytes: number;
  /** Requests that wait for their answer. */
  waits: number;
  /** By order of REST. */
  isEnded: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** A player asks once in a target duration at least (RFC 8216 6.3.4): silent for three of them, and for so long, it has gone. */
const silentTargets = 3;
const leastSilenceMs = 10_000;
const sessionBytes = 16;
const sessionForm = /^[0-9a-f]{32}$/;

/** That a player brings, else one of its own. */
export const sessionOf = (request: HttpRequest): string =>
  namedSession(request) ?? randomBytes(sessionBytes).toString('hex');

function namedSession({ query }: HttpRequest): string | null {
  const named = query.get('session') ?? '';
  return sessionForm.test(named) ? named : null;
}

export function createHlsSessions(streams: Pick<Streams, 'viewFragments' | 'leave'>): HlsSessions {
  const sessions = new Map<string, Session>();
  const lastOfClient = new Map<string, Session>();
  const viewerIds = new Map<Session, Promise<string>>();

  const forget = (session: Session): void => {
    clearTimeout(session.timer);
    viewerIds.delete(session);
    if (sessions.get(session.key) === session) sessions.delete(session.key);
    if (lastOfClient.get(session.client) === session) lastOfClient.delete(session.client);
  };
  const leave = (session: Session): void => {
    const viewerId = viewerIds.get(session);
    forget(session);
    viewerId?.then((id) => streams.leave(id)).catch(() => {});
  };
  const begin = (key: string, client: string, request: HttpRequest, { pullId, name }: HlsStream): Session => {
    const session: Session = { key, client, bytes: 0, waits: 0, isEnded: false, timer: undefined };
    const onEnded = (reason: ErrorCode | null): void => {
      session.isEnded = true;
      // Who was lost with its source may come again; who was ended is told so.
      if (reason !== null) forget(session);
    };
    const viewerId = streams.viewFragments({
      pullId,
      name,
      clientIp: request.client.ip,
      userAgent: userAgentOf(request),
      mediaProvider: 'HLS',
      bytesSent: () => session.bytes,
      onEnded,
    });
    sessions.set(key, session);
    viewerIds.set(session, viewerId);
    viewerId.catch(() => forget(session));
    return session;
  };

  return {
    async asks(request, stream) {
      const client = clientOf(request, stream.pullId);
      const named = namedSession(request);
      const key = named === null ? client : JSON.stringify([client, named]);
      const session = sessions.get(key) ?? begin(key, client, request, stream);
      clearTimeout(session.timer);
      session.waits += 1;
      lastOfClient.set(client, session);
      const answered: Answered = (sentBytes) => {
        session.bytes += sentBytes;
        session.waits -= 1;
        if (session.waits > 0 || sessions.get(key) !== session) return;
        const silenceMs = Math.max(leastSilenceMs, silentTargets * stream.targetS * 1000);
        session.timer = setTimeout(leave, silenceMs, session);
      };
      try {
        await viewerIds.get(session);
        // The end of a stream that is over may be played all the same.
        if (session.isEnded && !stream.isOver()) throw new SluiceError('viewer.ended');
      } catch (error) {
        answered(0);
        throw error;
      }
      return answered;
    },
    sent(request, pullId, bytes) {
      const session = lastOfClient.get(clientOf(request, pullId));
      if (session !== undefined) session.bytes += bytes;
    },
    close() {
      for (const { timer } of sessions.values()) clearTimeout(timer);
    },
  };
}

const userAgentOf = ({ header }: HttpRequest): string => keptUserAgent(header('user-agent'));

const clientOf = (request: HttpRequest, pullId: string): string =>
  JSON.stringify([pullId, clientKey(request.client.ip), userAgentOf(request)]);
