/**
 * The only file that touches WebSockets of uWebSockets.js. As in reply.ts, no exception reaches it: one of a session
 * closes its socket.
 */
import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import { errorTable } from '../errors.js';
import { statusLine } from './http.js';
import { retryAfter } from './refusal.js';

export interface SocketPeer {
  readonly clientIp: string;
  /** The Host header of the upgrade request. */
  readonly host: string;
  /** Does nothing when the socket is closed. A peer that does not read is closed. */
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface SocketSession {
  text(text: string): void;
  binary(): void;
  /** Called once, whichever side closed. */
  closed(): void;
}

export interface SocketServing {
  /** False: new sockets are refused with 503. */
  accepts(): boolean;
  open(peer: SocketPeer): SocketSession;
  failed(error: unknown): void;
}

interface SocketData {
  readonly clientIp: string;
  readonly host: string;
  session: SocketSession | null;
}

/** A bug report of the SDK holds its log; core/wcs/frame-budget.ts bounds how many such frames may come. */
const maxPayloadBytes = 1_048_576;
const maxWaitingBytes = 262_144;
/** Result of `send`: dropped, because too much is buffered. */
const dropped = 2;
const closeInternalError = 1011;

export function serveSockets(app: TemplatedApp, serving: SocketServing): void {
  app.ws<SocketData>('/*', {
    maxPayloadLength: maxPayloadBytes,
    maxBackpressure: maxWaitingBytes,
    upgrade: (response, request, context) => upgrade(serving, response, request, context),
    open: (socket) =>
      guard(serving, socket, () => {
        socket.getUserData().session = serving.open(peerOf(socket));
      }),
    message: (socket, message, isBinary) =>
      guard(serving, socket, () => {
        const { session } = socket.getUserData();
        if (isBinary) session?.binary();
        else session?.text(Buffer.from(message).toString());
      }),
    close: (socket) => {
      try {
        socket.getUserData().session?.closed();
      } catch (error) {
        serving.failed(error);
      }
    },
  });
}

function upgrade(
  serving: SocketServing,
  response: HttpResponse,
  request: HttpRequest,
  context: us_socket_context_t,
): void {
  try {
    if (!serving.accepts()) {
      const { status } = errorTable['server.draining'];
      response.writeStatus(statusLine(status)).writeHeader('Retry-After', retryAfter('server.draining')).end('', true);
      return;
    }
    const data: SocketData = {
      clientIp: Buffer.from(response.getRemoteAddressAsText()).toString('latin1'),
      host: request.getHeader('host'),
      session: null,
    };
    const [key, protocol, extensions] = ['key', 'protocol', 'extensions'].map((name) =>
      request.getHeader(`sec-websocket-${name}`),
    );
    response.upgrade(data, key ?? '', protocol ?? '', extensions ?? '', context);
  } catch (error) {
    serving.failed(error);
    response.close();
  }
}

function peerOf(socket: WebSocket<SocketData>): SocketPeer {
  const { clientIp, host } = socket.getUserData();
  return {
    clientIp,
    host,
    send: (text) =>
      whileOpen(() => {
        if (socket.send(text) === dropped || socket.getBufferedAmount() > maxWaitingBytes) socket.close();
      }),
    close: (code, reason) => whileOpen(() => socket.end(code, reason)),
  };
}

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
