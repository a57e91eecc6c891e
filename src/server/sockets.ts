/**
 * The only file that touches WebSockets of uWebSockets.js. As in reply.ts, no exception reaches it: one of a session
 * closes its socket.
 */
import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import type { ReadClient } from '../core/guard/client.js';
import { keptText } from '../core/guard/kept-text.js';
import type { Quota } from '../core/guard/quota.js';
import { errorTable } from '../errors.js';
import { readConnection } from './connection.js';
import type { FollowerSocket } from './followers.js';
import { statusLine } from './http.js';
import type { BackloggedSocket } from './media-backlog.js';
import { keptUserAgent } from './playback-request.js';
import { retryAfter } from './refusal.js';

export interface SocketPeer {
  readonly clientIp: string;
  /** The Host header of the upgrade request. */
  readonly host: string;
  /** Its Origin header; empty without one. */
  readonly origin: string;
  readonly userAgent: string;
  /** `?token=` of its address; empty without one. */
  readonly urlToken: string;
  /** Does nothing when the socket is closed. A peer that does not read is closed; one long text may be under way to it. */
  send(text: string): void;
  /** A text longer than what else may wait, such as a snapshot, is under way: another one would close the socket. */
  readonly isTakingLongText: boolean;
  close(code: number, reason: string): void;
  /** It takes media from now on: more may wait for it. */
  becomeMedia(): MediaSocket;
}

/** The socket to which the media of one play goes. Nothing may be asked of it when it is closed. */
export interface MediaSocket extends FollowerSocket, BackloggedSocket {
  /** Where one message is sent to all that have subscribed to its topic. */
  readonly app: TemplatedApp;
  /** False: too much waits for it already. */
  sendMedia(bytes: Uint8Array): boolean;
}

export interface SocketSession {
  text(text: string): void;
  binary(): void;
  /** Called once, whichever side closed. */
  closed(): void;
}

export interface SocketServing {
  /** How many sockets there may be. */
  readonly quota: Quota;
  readonly readClient: ReadClient;
  /** False: new sockets are refused with 503. */
  accepts(): boolean;
  open(peer: SocketPeer): SocketSession;
  failed(error: unknown): void;
}

interface SocketData {
  readonly clientIp: string;
  readonly host: string;
  readonly origin: string;
  readonly userAgent: string;
  readonly urlToken: string;
  session: SocketSession | null;
  /** Of the long texts that are under way; 0: none is. */
  longBytes: number;
  takesMedia: boolean;
}

/** A bug report of the SDK holds its log; core/wcs/frame-budget.ts bounds how many such frames may come. */
const maxPayloadBytes = 1_048_576;
/** What may wait for a peer beside a long text. */
const maxWaitingBytes = 262_144;
/** A snapshot of 4K, twice (core/wcs/messages.ts). */
const maxLongBytes = 33_554_432;
/** Of what a head may hold so much is kept with its socket: a host with its scheme and port, a token that is verified at all and more. */
const maxHostChars = 300;
const maxTokenChars = 8193;
/** Result of `send`: dropped, because too much is buffered. */
const dropped = 2;
const closeInternalError = 1011;

export function serveSockets(app: TemplatedApp, serving: SocketServing): void {
  app.ws<SocketData>('/*', {
    maxPayloadLength: maxPayloadBytes,
    maxBackpressure: maxWaitingBytes + maxLongBytes,
    upgrade: (response, request, context) => upgrade(serving, response, request, context),
    open: (socket) =>
      guard(serving, socket, () => {
        socket.getUserData().session = serving.open(peerOf(app, socket));
      }),
    message: (socket, message, isBinary) =>
      guard(serving, socket, () => {
        const { session } = socket.getUserData();
        if (isBinary) session?.binary();
        else session?.text(Buffer.from(message).toString());
      }),
    drain: (socket) => {
      if (socket.getBufferedAmount() <= maxWaitingBytes) socket.getUserData().longBytes = 0;
    },
    close: (socket) => {
      const { clientIp, session } = socket.getUserData();
      serving.quota.release(clientIp);
      try {
        session?.closed();
      } catch (error) {
        serving.failed(error);
      }
    },
  });
}

const refusals = { free: null, all: 'server.full', client: 'request.tooMany' } as const;

function upgrade(
  serving: SocketServing,
  response: HttpResponse,
  request: HttpRequest,
  context: us_socket_context_t,
): void {
  try {
    const connection = readConnection(response, request);
    const { header } = connection;
    const { ip } = serving.readClient(connection);
    const refusal = serving.accepts() ? refusals[serving.quota.take(ip)] : 'server.draining';
    if (refusal !== null) {
      const { status } = errorTable[refusal];
      response.writeStatus(statusLine(status)).writeHeader('Retry-After', retryAfter(refusal)).end('', true);
      return;
    }
    const data: SocketData = {
      clientIp: ip,
      host: keptText(header('host'), maxHostChars),
      origin: keptText(header('origin'), maxHostChars),
      userAgent: keptUserAgent(header('user-agent')),
      urlToken: keptText(new URLSearchParams(request.getQuery() ?? '').get('token') ?? '', maxTokenChars),
      session: null,
      longBytes: 0,
      takesMedia: false,
    };
    const [key, protocol, extensions] = ['key', 'protocol', 'extensions'].map((name) =>
      header(`sec-websocket-${name}`),
    );
    // It is open from here on: `close` will be called for it, and gives its place back.
    response.upgrade(data, key ?? '', protocol ?? '', extensions ?? '', context);
  } catch (error) {
    serving.failed(error);
    response.close();
  }
}

function peerOf(app: TemplatedApp, socket: WebSocket<SocketData>): SocketPeer {
  const data = socket.getUserData();
  return {
    clientIp: data.clientIp,
    host: data.host,
    origin: data.origin,
    userAgent: data.userAgent,
    urlToken: data.urlToken,
    get isTakingLongText() {
      return data.longBytes > 0;
    },
    send: (text) =>
      whileOpen(() => {
        if (text.length > maxWaitingBytes) data.longBytes = Math.min(data.longBytes + text.length, maxLongBytes);
        const isDropped = socket.send(text) === dropped;
        const waitingBytes = socket.getBufferedAmount();
        if (waitingBytes === 0) data.longBytes = 0;
        // Of media only so much waits as its audience lets it.
        if (isDropped || (!data.takesMedia && waitingBytes > maxWaitingBytes + data.longBytes)) socket.close();
      }),
    becomeMedia() {
      data.takesMedia = true;
      return mediaSocketOf(app, socket);
    },
    close: (code, reason) => whileOpen(() => socket.end(code, reason)),
  };
}

const mediaSocketOf = (app: TemplatedApp, socket: WebSocket<SocketData>): MediaSocket => ({
  app,
  clientIp: socket.getUserData().clientIp,
  cut: () => whileOpen(() => socket.close()),
  sendMedia: (bytes) => socket.send(bytes, true) !== dropped,
  getBufferedAmount: () => socket.getBufferedAmount(),
  subscribe: (topic) => socket.subscribe(topic),
  unsubscribe: (topic) => socket.unsubscribe(topic),
});

/** uWebSockets.js throws for a closed socket, and has no method to ask whether one is. */
function whileOpen(step: () => void): void {
  try {
    step();
  } catch {
    // Closed meanwhile; its session knows.
  }
}

function guard(serving: SocketServing, socket: WebSocket<SocketData>, step: () => void): void {
  try {
    step();
  } catch (error) {
    serving.failed(error);
    whileOpen(() => socket.end(closeInternalError, 'Internal error'));
  }
}
