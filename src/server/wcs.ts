/** WCS signalling over WebSocket: one state machine (core/wcs/session.ts) per socket, with real streams and time. */
import { randomBytes } from 'node:crypto';
import { createRateLimit, type RateLimit } from '../core/guard/rate.js';
import type { PlayedMedia } from '../core/sdp/played-media.js';
import type { WcsInput, WcsOutput } from '../core/wcs/contract.js';
import type { WcsData } from '../core/wcs/frame.js';
import { mseAnswer } from '../core/wcs/mse-media.js';
import { WcsSession } from '../core/wcs/session.js';
import { isGoodAnswer } from '../core/wcs/session-hooks.js';
import { ElsewhereError, type ErrorCode, errorTable, rowOf, SluiceError, stackOf } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Streams } from '../supervisor/streams.js';
import type { PacketRequest } from '../supervisor/view.js';
import type { Hooks } from './hooks.js';
import type { PacketStreams } from './packet-streams.js';
import type { PlaybackGate, PlaybackRequest } from './playback-gate.js';
import type { SocketPeer, SocketSession } from './sockets.js';
import { letIn, type Releases, signallingRequest } from './wcs-admission.js';
import { createWcsMedia, type WcsMedia } from './wcs-media.js';

interface SignallingParts {
  readonly streams: Streams;
  /** What plays by packets. */
  readonly packets: Pick<PacketStreams, 'open'>;
  readonly gate: Pick<PlaybackGate, 'admit' | 'glance'>;
  readonly log: Logger;
  readonly startTimeoutMs: number;
  readonly maxPlays: number;
  /** Null: no application has a back end. */
  readonly hooks: Hooks | null;
  readonly nowMs: () => number;
  readonly isDraining: () => boolean;
}

/** A signalling session that is established, as REST sees it. */
export interface Connection {
  /** What the client said of itself, with `sessionId` and `status`. */
  readonly fields: Readonly<Record<string, unknown>>;
  close(): void;
  /** OnDataEvent: the page's session gets it as APP_DATA. */
  send(data: { readonly operationId: string | undefined; readonly payload: unknown }): void;
}

export interface Connections {
  list(): readonly Connection[];
}

interface Signalling extends Connections {
  open(peer: SocketPeer): SocketSession;
  count(): number;
  /** Closes every socket and stops the timer. */
  close(): void;
}

const tickMs = 250;
/** A snapshot takes a decoder: viewers must not keep the pool from those who ask by REST. */
const snapshotsPerMinute = 30;
/** RFC 6455 7.4.1. */
const closeNormal = 1000;
const closeGoingAway = 1001;
const closePolicy = 1008;

export function createSignalling(parts: SignallingParts): Signalling {
  const clients = new Map<SocketPeer, Client>();
  const byToken = new Map<string, Client>();
  const shared: Shared = {
    snapshots: createRateLimit({ perMinute: snapshotsPerMinute }),
    media: createWcsMedia(parts.packets),
    clientOf: (token) => byToken.get(token),
  };
  const timer = setInterval(() => {
    for (const client of [...clients.values()]) feed(client, { kind: 'tick' });
  }, tickMs);

  return {
    open(peer) {
      const client = createClient(parts, peer, shared);
      clients.set(peer, client);
      byToken.set(client.token, client);
      return {
        text: (text) => feed(client, { kind: 'text', text }),
        binary: () => feed(client, { kind: 'binary' }),
        closed() {
          clients.delete(peer);
          byToken.delete(client.token);
          shared.media.closed(peer);
          feed(client, { kind: 'closed' });
        },
      };
    },
    count: () => clients.size,
    list: () => [...clients.values()].flatMap(connectionOf),
    close() {
      clearInterval(timer);
      for (const peer of [...clients.keys()]) peer.close(closeGoingAway, 'The server is shutting down');
    },
  };
}

/** By all sessions. */
interface Shared {
  /** By client address. */
  readonly snapshots: RateLimit;
  readonly media: WcsMedia;
  clientOf(token: string): Client | undefined;
}

/** One socket and the session of its client. */
interface Client {
  readonly parts: SignallingParts;
  readonly peer: SocketPeer;
  /** Names the session: `authToken` toward its client, `sessionId` in REST. */
  readonly token: string;
  readonly session: WcsSession;
  readonly shared: Shared;
  /** By viewer, which packets its plays by the MSE provider are sent. */
  readonly packets: Map<string, PacketPlay>;
  readonly releases: Releases;
}

interface PacketPlay {
  readonly request: PacketRequest;
  readonly connected: () => void;
}

function createClient(parts: SignallingParts, peer: SocketPeer, shared: Shared): Client {
  // A time-out fires with a tick: the last one before `startTimeoutMs` must do it, not the first one after.
  const startTimeoutMs = Math.max(0, parts.startTimeoutMs - tickMs);
  const token = tokenFor(peer);
  const { maxPlays, hooks } = parts;
  const settings = { authToken: token, startTimeoutMs, maxPlays, origin: peer.origin, hooks: hooks?.settings ?? null };
  const session = new WcsSession(settings, parts.nowMs());
  return { parts, peer, token, shared, packets: new Map(), releases: new Map(), session };
}

/** None before it is established. */
function connectionOf({ peer, session }: Client): readonly Connection[] {
  const { connection } = session;
  if (connection === null) return [];
  return [
    {
      fields: { ...connection, status: 'ESTABLISHED' },
      close: () => peer.close(closeNormal, 'Terminated by REST'),
      send: (data) => peer.send(JSON.stringify({ message: 'OnDataEvent', data: [data] })),
    },
  ];
}

function feed(client: Client, input: WcsInput): void {
  for (const output of client.session.step(input, client.parts.nowMs())) carryOut(client, output);
}

function carryOut(client: Client, output: WcsOutput): void {
  const { parts, peer } = client;
  switch (output.kind) {
    case 'send':
      peer.send(JSON.stringify(output.frame));
      break;
    case 'close':
      peer.close(output.code, output.reason);
      break;
    case 'view':
      void view(client, output);
      break;
    case 'view.packets':
      void viewPackets(client, output);
      break;
    case 'media':
      openMedia(client, output.authToken);
      break;
    case 'media.feed':
      void feedMedia(client, output);
      break;
    case 'media.close':
      client.shared.media.end(output.socket);
      break;
    case 'leave':
      void leave(client, output.viewerId);
      break;
    case 'find':
      void find(client, output);
      break;
    case 'hook':
      void callHook(client, output);
      break;
    case 'snapshot':
      void takeSnapshot(client, output);
      break;
    case 'log':
      parts.log(output.level, output.event, { clientIp: peer.clientIp, ...output.fields });
      break;
    default:
      output satisfies never;
  }
}

/** What a play asks of its stream, by whatever its media comes. */
function requestOf(client: Client, wanted: Extract<WcsOutput, { kind: 'view' | 'view.packets' }>) {
  const { parts, peer, token } = client;
  const { play, mediaSessionId, name, wish } = wanted;
  if (parts.isDraining()) throw new SluiceError('server.draining');
  return {
    name,
    wish,
    clientIp: peer.clientIp,
    userAgent: peer.userAgent,
    signalled: { mediaSessionId, sessionId: token, isTcpOnly: wanted.kind === 'view' && wanted.isTcpOnly },
    onConnected: () => feed(client, { kind: 'view.connected', play }),
    onSourceChanged: (lost: ErrorCode | null) => feed(client, { kind: 'view.source', play, lost }),
    onMedia: (media: PlayedMedia) => feed(client, { kind: 'view.media', play, media }),
    onEvent: (payload: unknown) => feed(client, { kind: 'view.event', play, payload }),
    onData: (data: WcsData) => feed(client, { kind: 'view.data', play, data }),
    onEnded: (code: ErrorCode | null) => feed(client, { kind: 'view.ended', play, code }),
  };
}

/** `token`: of its own. */
const askOf = ({ peer, session }: Client, name: string, token: string): PlaybackRequest =>
  signallingRequest(peer, name, [token, session.token]);

async function view(client: Client, wanted: Extract<WcsOutput, { kind: 'view' }>): Promise<void> {
  const { parts } = client;
  const { play, offer } = wanted;
  let left = (): void => {};
  try {
    const request = requestOf(client, wanted);
    const leave = await letIn(parts, askOf(client, wanted.name, wanted.token), client.releases);
    left = leave.ended;
    const { viewerId, answerSdp, media } = await parts.streams.view({
      ...request,
      offer,
      onVideoRate: (videoBps) => feed(client, { kind: 'view.rate', play, videoBps }),
      onLowered: (sourceKbps, estimateKbps) => feed(client, { kind: 'view.lowered', play, sourceKbps, estimateKbps }),
      onEnded(code) {
        left();
        request.onEnded(code);
      },
    });
    leave.joined(viewerId);
    feed(client, { kind: 'view.answered', play, viewerId, answerSdp, media });
  } catch (error) {
    left();
    feed(client, { kind: 'view.failed', play, ...failureOf(error, parts.log) });
  }
}

/** The SDK's MSE player has no use for the rate of its video, and breaks at it. */
async function viewPackets(client: Client, wanted: Extract<WcsOutput, { kind: 'view.packets' }>): Promise<void> {
  const { parts, peer, packets } = client;
  const { play, name } = wanted;
  let left = (): void => {};
  try {
    const request = requestOf(client, wanted);
    const leave = await letIn(parts, askOf(client, wanted.name, wanted.token), client.releases);
    left = leave.ended;
    const view = await parts.streams.viewPackets({
      ...request,
      onEnded(code) {
        left();
        packets.delete(view.viewerId);
        feed(client, { kind: 'view.ended', play, code });
      },
    });
    const { viewerId, media, wish, connected } = view;
    packets.set(viewerId, { request: { name, wish, clientIp: peer.clientIp }, connected });
    leave.joined(viewerId);
    feed(client, { kind: 'view.answered', play, viewerId, answerSdp: mseAnswer(media), media });
  } catch (error) {
    left();
    feed(client, { kind: 'view.failed', play, ...failureOf(error, parts.log) });
  }
}

/** The socket of `client` is for media of the session with this token, which is as good as a password. */
function openMedia({ peer, shared }: Client, authToken: string): void {
  const owner = shared.clientOf(authToken);
  if (owner === undefined) peer.close(closePolicy, errorTable['session.notFound'].info);
  else feed(owner, { kind: 'media.opened', socket: shared.media.open(peer) });
}

async function feedMedia(
  client: Client,
  { play, viewerId, socket }: Extract<WcsOutput, { kind: 'media.feed' }>,
): Promise<void> {
  const { packets, parts, shared } = client;
  const wanted = packets.get(viewerId);
  if (wanted === undefined) return;
  try {
    await shared.media.feed(socket, wanted.request, {
      onBegun: wanted.connected,
      onOver: (reason) => feed(client, { kind: 'media.over', play, code: reason ?? 'source.ended' }),
      onClosed: () => feed(client, { kind: 'media.over', play, code: 'viewer.mediaSocket' }),
    });
  } catch (error) {
    feed(client, { kind: 'media.over', play, code: codeOf(error, parts.log) });
  }
}

async function find(client: Client, { mediaSessionId, name }: Extract<WcsOutput, { kind: 'find' }>): Promise<void> {
  const { parts, peer } = client;
  let code: ErrorCode | null;
  try {
    await parts.gate.glance(askOf(client, name, ''));
    code = parts.isDraining()
      ? 'server.draining'
      : await parts.streams.whyUnavailable({ name, clientIp: peer.clientIp });
  } catch (error) {
    code = codeOf(error, parts.log);
  }
  feed(client, { kind: 'found', mediaSessionId, code });
}

async function callHook(
  client: Client,
  { call, appKey, method, body }: Extract<WcsOutput, { kind: 'hook' }>,
): Promise<void> {
  const { hooks, log } = client.parts;
  const answer = await hooks?.client.post(appKey, method, body);
  if (answer === undefined) return;
  const { status, error } = answer;
  if (!isGoodAnswer(answer)) log('warn', 'hook.failed', { appKey, method, status, error });
  feed(client, { kind: 'hooked', call, answer });
}

async function takeSnapshot(client: Client, wanted: Extract<WcsOutput, { kind: 'snapshot' }>): Promise<void> {
  const { parts, peer, shared } = client;
  const { mediaSessionId, name } = wanted;
  try {
    if (peer.isTakingLongText || !shared.snapshots.take(peer.clientIp, parts.nowMs())) {
      throw new SluiceError('request.tooMany');
    }
    await parts.gate.glance(askOf(client, name, wanted.token));
    const { bytes } = await parts.streams.snapshot(name, { format: 'png', width: null });
    const png = Buffer.from(await bytes()).toString('base64');
    feed(client, { kind: 'snapshot.taken', mediaSessionId, png });
  } catch (error) {
    feed(client, { kind: 'snapshot.failed', mediaSessionId, code: codeOf(error, parts.log) });
  }
}

async function leave({ parts, packets, releases }: Client, viewerId: string): Promise<void> {
  packets.delete(viewerId);
  releases.get(viewerId)?.();
  releases.delete(viewerId);
  try {
    await parts.streams.leave(viewerId);
  } catch (error) {
    // The actor is dead or does not answer; the supervisor ends the viewer together with it.
    parts.log('warn', 'viewer.leaveFailed', { viewerId, code: codeOf(error, parts.log) });
  }
}

/** In WCS's form, "/client:port/server:port", with 128 random bits for the client's port: it identifies the session. */
const tokenFor = ({ clientIp, host }: SocketPeer): string => `/${clientIp}:${randomBytes(16).toString('hex')}/${host}`;

const failureOf = (error: unknown, log: Logger) =>
  error instanceof ElsewhereError ? { code: error.code, elsewhere: error.ws } : { code: codeOf(error, log) };

function codeOf(error: unknown, log: Logger): ErrorCode {
  if (!(error instanceof SluiceError)) log('error', 'server.bug', { where: 'wcs', error: stackOf(error) });
  return rowOf(error);
}
