/**
 * Fragmented MP4 over WebSocket, /mse/{name}, for any page with Media Source Extensions (.github/docs/mse.md): a text message says
 * what follows, or what the source sent beside its media; binary messages are an init segment and then fragments. Each fragment is
 * handed to uWebSockets.js once for all players of its stream (publish). A socket that does not keep up is left out, and goes on at a
 * keyframe.
 */
import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import { type Fragment, type InitSegment, mimeTypeOf } from '../core/fragments/fragment.js';
import type { ReadClient } from '../core/guard/client.js';
import type { Pass } from '../core/guard/passes.js';
import type { Quota } from '../core/guard/quota.js';
import { type ErrorCode, errorTable, rowOf, SluiceError } from '../errors.js';
import type { SourceNews } from '../supervisor/media-watch.js';
import type { Streams } from '../supervisor/streams.js';
import type { FragmentViewRequest } from '../supervisor/view.js';
import { readConnection } from './connection.js';
import { Followers } from './followers.js';
import type { FragmentPlayer, FragmentStream, FragmentStreams } from './fragment-streams.js';
import { statusLine } from './http.js';
import type { BackloggedSocket, MediaBacklog } from './media-backlog.js';
import { type PlaybackGate, type PlaybackRequest, tokenRevoked } from './playback-gate.js';
import { playbackRequest } from './playback-request.js';
import { retryAfter } from './refusal.js';
import { wordsOfNews } from './source-news.js';

export interface MseServing {
  readonly live: Pick<FragmentStreams, 'open'>;
  readonly streams: Pick<Streams, 'viewFragments' | 'leave'>;
  readonly gate: Pick<PlaybackGate, 'admit'>;
  readonly backlog: Pick<MediaBacklog, 'add' | 'remove'>;
  /** How many players there may be. */
  readonly quota: Quota;
  readonly readClient: ReadClient;
  /** How much of a stream one message holds; 0: a fragment. */
  readonly messageMs: number;
  /** Why no player is let in now; null: they are. */
  refusal(): ErrorCode | null;
  failed(error: unknown): void;
}

interface SocketData {
  readonly asks: PlaybackRequest;
  /** Its place among those of its token. */
  pass: Pass | null;
  audience: Audience | null;
  backlogged: BackloggedSocket | null;
  /** Null: it does not count as a viewer yet. */
  viewerId: string | null;
  isClosed: boolean;
}

type Socket = WebSocket<SocketData>;

/** The players of one stream on one app. */
interface Audience {
  add(socket: Socket): void;
  remove(socket: Socket): void;
  /** What it was sent, so far. */
  bytesTo(socket: Socket): number;
  /** It was sent less than the others, and goes on with the next keyframe. */
  fellBehind(socket: Socket): void;
}

/** What may wait for a slow player: a GOP and more. */
const maxWaitingBytes = 8_388_608;
/** That of the longest address. */
const maxNameChars = 2048;
/** Players send nothing. */
const maxPayloadBytes = 1024;
const dropped = 2;
/** RFC 6455 7.4: of applications. Behind it come the statuses of HTTP, 4404 for 404. */
const closeCodes = 4000;

export function serveMse(app: TemplatedApp, serving: MseServing): void {
  const audiences = new Map<number, Audience>();
  const audienceOf = (stream: FragmentStream): Audience => {
    const known =
      audiences.get(stream.id) ?? createAudience(app, stream, serving.messageMs, () => audiences.delete(stream.id));
    audiences.set(stream.id, known);
    return known;
  };
  const begin = async (socket: Socket): Promise<void> => {
    const data = socket.getUserData();
    try {
      const pass = await serving.gate.admit(data.asks);
      data.pass = pass;
      if (data.isClosed) return pass.release();
      pass.onRevoked(() => data.isClosed || end(socket, 'viewer.tokenDenied', tokenRevoked));
      const { name, clientIp } = data.asks;
      const stream = await serving.live.open({ name, clientIp });
      if (data.isClosed) return;
      data.viewerId = await serving.streams.viewFragments(viewerOf(socket, stream.pullId));
      if (data.isClosed) return leave(serving, data);
      data.audience = audienceOf(stream);
      data.backlogged = { clientIp, getBufferedAmount: () => socket.getBufferedAmount(), cut: () => socket.close() };
      serving.backlog.add(data.backlogged);
      data.audience.add(socket);
    } catch (error) {
      const code = rowOf(error);
      if (code === 'internal') serving.failed(error);
      if (!data.isClosed) end(socket, code, error instanceof SluiceError ? error.detail : '');
    }
  };

  app.ws<SocketData>('/mse/*', {
    maxPayloadLength: maxPayloadBytes,
    maxBackpressure: maxWaitingBytes,
    upgrade: (response, request, context) => upgrade(serving, response, request, context),
    open: (socket) => void begin(socket),
    dropped: (socket) => socket.getUserData().audience?.fellBehind(socket),
    close: (socket) => {
      const data = socket.getUserData();
      data.isClosed = true;
      serving.quota.release(data.asks.clientIp);
      data.pass?.release();
      data.audience?.remove(socket);
      if (data.backlogged !== null) serving.backlog.remove(data.backlogged);
      leave(serving, data);
    },
  });
}

function viewerOf(socket: Socket, pullId: string): FragmentViewRequest {
  const data = socket.getUserData();
  const { name, clientIp, userAgent } = data.asks;
  return {
    pullId,
    name,
    clientIp,
    userAgent,
    mediaProvider: 'MSE',
    bytesSent: () => data.audience?.bytesTo(socket) ?? 0,
    onEnded: (reason) => data.isClosed || end(socket, reason ?? 'viewer.ended'),
  };
}

function leave({ streams }: MseServing, data: SocketData): void {
  if (data.viewerId !== null) void streams.leave(data.viewerId);
  data.viewerId = null;
}

const refusals = { free: null, all: 'viewer.limit', client: 'request.tooMany' } as const;

function upgrade(
  serving: MseServing,
  response: HttpResponse,
  request: HttpRequest,
  context: us_socket_context_t,
): void {
  try {
    const connection = readConnection(response, request);
    const name = nameOf(request.getUrl());
    const client = serving.readClient(connection);
    const refusal = name === null ? 'request.invalid' : (serving.refusal() ?? refusals[serving.quota.take(client.ip)]);
    if (refusal !== null || name === null) {
      const code = refusal ?? 'request.invalid';
      response
        .writeStatus(statusLine(errorTable[code].status))
        .writeHeader('Retry-After', retryAfter(code))
        .end('', true);
      return;
    }
    const { header } = connection;
    const [key = '', protocol = '', extensions = ''] = ['key', 'protocol', 'extensions'].map((part) =>
      header(`sec-websocket-${part}`),
    );
    const query = new URLSearchParams(request.getQuery() ?? '');
    const asks = playbackRequest({ header, query, client }, 'mse', name);
    const data: SocketData = { asks, pass: null, audience: null, backlogged: null, viewerId: null, isClosed: false };
    response.upgrade(data, key, protocol, extensions, context);
  } catch (error) {
    serving.failed(error);
    response.close();
  }
}

function nameOf(path: string): string | null {
  try {
    const name = decodeURIComponent(path.slice('/mse/'.length));
    return name === '' || name.length > maxNameChars ? null : name;
  } catch {
    return null;
  }
}

const say = (type: 'mse' | 'error' | SourceNews['kind'], value: unknown): string => JSON.stringify({ type, value });

const sayNews = (news: SourceNews): string => say(...wordsOfNews(news));

function end(socket: Socket, code: ErrorCode, detail = ''): void {
  const { status, text } = errorTable[code];
  socket.send(say('error', detail || text));
  socket.end(closeCodes + status, code);
}

function createAudience(app: TemplatedApp, stream: FragmentStream, messageMs: number, onEmpty: () => void): Audience {
  const topic = `mse/${stream.id}`;
  const followers = new Followers<Socket>(topic);

  /** The next message. */
  let gathered: Uint8Array[] = [];
  let gatheredMs = 0;
  const publish = (message: string | Uint8Array): void => {
    followers.published(message.length);
    app.publish(topic, message, typeof message !== 'string');
  };
  const flush = (): void => {
    if (gathered.length > 0) publish(Buffer.concat(gathered));
    gathered = [];
    gatheredMs = 0;
  };

  const begin = (socket: Socket, init: InitSegment, fragments: readonly Fragment[]): boolean => {
    let isTaken = true;
    socket.cork(() => {
      socket.send(say('mse', mimeTypeOf(init)));
      if (stream.lost !== null) socket.send(sayNews({ kind: 'source', lost: stream.lost }));
      if (stream.alerts.alerts.length > 0) socket.send(sayNews(stream.alerts));
      socket.send(init.data, true);
      isTaken = fragments.every(({ data }) => socket.send(data, true) !== dropped);
      followers.sentAlone(
        socket,
        [init, ...fragments].reduce((total, { data }) => total + data.length, 0),
      );
    });
    return isTaken;
  };
  const gather = (fragment: Fragment): void => {
    const hasVideo = stream.recent.init?.timescales.video !== undefined;
    if (fragment.isKeyframe) flush();
    gathered.push(fragment.data);
    if (fragment.track === 'video' || !hasVideo) gatheredMs += fragment.durationMs;
    if (gatheredMs >= messageMs) flush();
  };
  const player: FragmentPlayer = {
    onMessage(message) {
      const { init } = stream.recent;
      if (message.kind === 'init') {
        flush();
        publish(say('mse', mimeTypeOf(message)));
        publish(message.data);
        return;
      }
      gather(message);
      const isStart = message.isKeyframe || init?.timescales.video === undefined;
      if (init === null || !isStart || !followers.hasWaiting) return;
      // They are sent this fragment by itself.
      flush();
      followers.beginWaiting((socket) => begin(socket, init, [message]));
    },
    onNews(news) {
      // It belongs where the media stands that has come.
      flush();
      publish(sayNews(news));
    },
    onOver(reason) {
      flush();
      for (const socket of followers.all) end(socket, reason ?? 'source.ended');
    },
  };
  stream.join(player);

  return {
    add(socket) {
      // What it is sent first holds all of it.
      flush();
      const { init, fragments } = stream.recent;
      followers.add(socket, () => init !== null && fragments.length > 0 && begin(socket, init, fragments));
    },
    bytesTo: (socket) => followers.bytesTo(socket),
    remove(socket) {
      followers.remove(socket);
      if (followers.size > 0) return;
      stream.leave(player);
      onEmpty();
    },
    fellBehind: (socket) => void followers.fellBehind(socket),
  };
}
