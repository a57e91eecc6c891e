/** WCS signalling over WebSocket: one state machine (core/wcs/session.ts) per socket, with real streams and time. */
import { randomBytes } from 'node:crypto';
import { clientKey } from '../core/guard/ip-address.js';
import { createRateLimit } from '../core/guard/rate.js';
import type { WcsOutput } from '../core/wcs/contract.js';
import { requestsOf } from '../core/wcs/frame-budget.js';
import { WcsSession } from '../core/wcs/session.js';
import { isGoodAnswer } from '../core/wcs/session-hooks.js';
import { type ErrorCode, SluiceError } from '../errors.js';
import type { SocketPeer, SocketSession } from './sockets.js';
import { askOf, type Client, codeOf, type Shared, type SignallingParts } from './wcs-client.js';
import { createWcsMedia } from './wcs-media.js';
import { feedMedia, leave, openMedia, view, viewPackets } from './wcs-plays.js';

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
/** Of plays and sessions that end, of which a client may have thousands a second. */
const logRules = { perMinute: 600, burst: 500 } as const;
/** RFC 6455 7.4.1. */
const closeNormal = 1000;
const closeGoingAway = 1001;
const closePolicy = 1008;

export function createSignalling(parts: SignallingParts): Signalling {
  const clients = new Map<SocketPeer, Client>();
  const byToken = new Map<string, Client>();
  const shared: Shared = {
    snapshots: createRateLimit({ perMinute: snapshotsPerMinute }),
    lines: createRateLimit(logRules),
    media: createWcsMedia(parts.packets, parts.backlog),
    clientOf: (token) => byToken.get(token),
  };
  const timer = setInterval(() => {
    for (const client of [...clients.values()]) client.feed({ kind: 'tick' });
  }, tickMs);

  return {
    open(peer) {
      const client = createClient(parts, peer, shared);
      clients.set(peer, client);
      byToken.set(client.token, client);
      return {
        text(text) {
          if (mayAsk(parts, peer.clientIp, requestsOf(text))) client.feed({ kind: 'text', text });
          else peer.close(closePolicy, 'too many messages of this client');
        },
        binary: () => client.feed({ kind: 'binary' }),
        closed() {
          clients.delete(peer);
          byToken.delete(client.token);
          shared.media.closed(peer);
          client.feed({ kind: 'closed' });
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

/** Frames have their limit by socket, of which a client may have many; together they are its requests, as those by HTTP. */
function mayAsk({ requests, nowMs }: SignallingParts, clientIp: string, count: number): boolean {
  const key = clientKey(clientIp);
  for (let n = 0; n < count; n += 1) if (requests?.take(key, nowMs()) === false) return false;
  return true;
}

function createClient(parts: SignallingParts, peer: SocketPeer, shared: Shared): Client {
  // A timeout fires with a tick: the last one before `startTimeoutMs` must do it, not the first one after.
  const startTimeoutMs = Math.max(0, parts.startTimeoutMs - tickMs);
  const token = tokenFor(peer);
  const { maxPlays, hooks } = parts;
  const settings = { authToken: token, startTimeoutMs, maxPlays, origin: peer.origin, hooks: hooks?.settings ?? null };
  const session = new WcsSession(settings, parts.nowMs());
  const client: Client = {
    parts,
    peer,
    token,
    shared,
    packets: new Map(),
    releases: new Map(),
    session,
    feed(input) {
      for (const output of session.step(input, parts.nowMs())) carryOut(client, output);
    },
  };
  return client;
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
      if (!client.shared.lines.take(clientKey(peer.clientIp), parts.nowMs())) break;
      parts.log(output.level, output.event, { clientIp: peer.clientIp, ...output.fields });
      break;
    default:
      output satisfies never;
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
  client.feed({ kind: 'found', mediaSessionId, code });
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
  client.feed({ kind: 'hooked', call, answer });
}

async function takeSnapshot(client: Client, wanted: Extract<WcsOutput, { kind: 'snapshot' }>): Promise<void> {
  const { parts, peer, shared } = client;
  const { mediaSessionId, name } = wanted;
  try {
    if (peer.isTakingLongText || !shared.snapshots.take(clientKey(peer.clientIp), parts.nowMs())) {
      throw new SluiceError('request.tooMany');
    }
    await parts.gate.glance(askOf(client, name, wanted.token));
    const { bytes } = await parts.streams.snapshot(name, { format: 'png', width: null });
    const png = Buffer.from(await bytes()).toString('base64');
    client.feed({ kind: 'snapshot.taken', mediaSessionId, png });
  } catch (error) {
    client.feed({ kind: 'snapshot.failed', mediaSessionId, code: codeOf(error, parts.log) });
  }
}

/** In WCS's form, "/client:port/server:port", with 128 random bits for the client's port: it identifies the session. */
const tokenFor = ({ clientIp, host }: SocketPeer): string => `/${clientIp}:${randomBytes(16).toString('hex')}/${host}`;
