/**
 * RTMP out, the door: takes connections of RTMP players, hears whom they want to play, and hands each to the thread of its stream
 * (actors/rtmp-out). No media passes here.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { monotonicMs } from '../clock.js';
import type { LinkServer } from '../cluster/contract.js';
import type { Settings } from '../config/schema.js';
import { WireError } from '../core/bytes/wire-error.js';
import { createQuota } from '../core/guard/quota.js';
import { createRateLimit } from '../core/guard/rate.js';
import { isSameSecret } from '../core/guard/same-secret.js';
import { type AskedStream, createPlayServer, type PlayServer } from '../core/rtmp/play-server.js';
import { readThrown, SluiceError } from '../errors.js';
import type { LogFields, Logger } from '../log-line.js';
import { descriptorOf } from '../net/descriptor-of.js';
import type { Server } from '../server/server.js';
import type { Streams } from '../supervisor/streams.js';
import { nativeThreads } from '../threads/native/native-threads.js';
import { readAsked, readLink } from './asked.js';

const handshakeBytes = 1528;
/** For handshake, connect and play. */
const dialogueMs = 10_000;
/** What is answered of the dialogue; a player that does not read it is no player. */
const flushMs = 5000;
/** Of `rtmpOut.maxWaiting`, for one client: a stranger who says nothing holds up neither players nor the nodes of a cluster. */
const clientShare = 0.1;
/** Of refusals, of which a client may have as many as it likes. */
const logRules = { perMinute: 60, burst: 20 } as const;

interface RtmpListener {
  /** Takes no more; those that play belong to their threads. */
  close(): Promise<void>;
}

interface RtmpListenerOptions {
  readonly settings: Pick<Settings, 'rtmpOut' | 'server'>;
  readonly gate: Pick<Server['gate'], 'glance'>;
  readonly streams: Pick<Streams, 'addPlayer'>;
  /** Null: there are no other nodes. */
  readonly links: LinkServer | null;
  readonly log: Logger;
}

interface DialogueOptions extends RtmpListenerOptions {
  readonly logRefused: (fields: LogFields) => void;
}

/** Opens nothing where rtmpOut.port is 0. Errors: config.invalid for a port that is in use, or where the add-on was not built. */
export async function startRtmpListener(options: RtmpListenerOptions): Promise<RtmpListener> {
  const { rtmpOut, server: place } = options.settings;
  if (rtmpOut.port === 0) return { close: async () => {} };
  if (nativeThreads() === null) {
    throw new SluiceError('config.invalid', 'rtmpOut.port needs the add-on, which was not built: install a C compiler');
  }
  const waiting = new Set<Socket>();
  const max = rtmpOut.maxWaiting;
  const places = createQuota({ max, maxPerClient: Math.ceil(max * clientShare) });
  const lines = createRateLimit(logRules);
  const logRefused = (fields: LogFields): void => {
    if (lines.take('', monotonicMs())) options.log('info', 'rtmpOut.refused', fields);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    const clientIp = socket.remoteAddress ?? '';
    if (places.take(clientIp) !== 'free') {
      logRefused({ clientIp, reason: 'request.tooMany' });
      socket.destroy();
      return;
    }
    waiting.add(socket);
    socket.on('close', () => {
      waiting.delete(socket);
      places.release(clientIp);
    });
    serveDialogue(socket, { ...options, logRefused });
  });
  server.listen(rtmpOut.port, place.host);
  await listening(server, rtmpOut.port);
  options.log('info', 'rtmpOut.listening', { host: place.host, port: rtmpOut.port });
  return {
    async close() {
      for (const socket of waiting) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function listening(server: NetServer, port: number): Promise<void> {
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new SluiceError('config.invalid', `rtmpOut.port ${port}: ${readThrown(error).message}`);
  }
}

/** Until it has asked to play; then it is handed over, or refused. */
function serveDialogue(socket: Socket, options: DialogueOptions): void {
  const player = createPlayServer(randomBytes(handshakeBytes));
  const late = setTimeout(() => socket.destroy(), dialogueMs);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(late));
  socket.on('data', (bytes) => {
    try {
      const { send, asked } = player.receive(bytes);
      for (const part of send) socket.write(part);
      if (asked === null) return;
      clearTimeout(late);
      // What it says from now on is read by its thread.
      socket.pause();
      socket.removeAllListeners('data');
      void letPlay(socket, player, asked, options);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      socket.destroy(); // It speaks something else than RTMP.
    }
  });
}

async function letPlay(
  socket: Socket,
  player: PlayServer,
  asked: AskedStream,
  { settings, streams, links, gate, log, logRefused }: DialogueOptions,
): Promise<void> {
  const link = links === null ? null : readLink(asked);
  const { name: askedName, token } = readAsked(asked);
  const name = link?.key ?? askedName;
  const clientIp = socket.remoteAddress ?? '';
  const give = (): Promise<number> => handOver(socket, player);
  try {
    if (link !== null) await links?.serve(link, give);
    else {
      const { secret } = settings.rtmpOut;
      if (secret === '' || !isSameSecret(token, secret)) await gate.glance(playbackRequest(name, token, clientIp));
      await streams.addPlayer({ name, clientIp }, give);
    }
    log('info', 'rtmpOut.playing', { name, clientIp, epoch: link?.epoch });
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    logRefused({ name, clientIp, reason: error.code, detail: error.detail });
    const code = error.code.startsWith('viewer.') ? 'NetStream.Play.Failed' : 'NetStream.Play.StreamNotFound';
    for (const part of player.refuse(code, error.code)) socket.write(part);
    socket.end();
  }
}

/** RTMP has no pages. */
const playbackRequest = (name: string, token: string, clientIp: string) =>
  ({ protocol: 'rtmp', name, token, clientIp, origin: '', host: '', userAgent: '' }) as const;

/** Says yes, and gives the connection away: held beside its socket here, which is closed. Error: stream.notLive when it is gone. */
async function handOver(socket: Socket, player: PlayServer): Promise<number> {
  const parts = Buffer.concat(player.accept());
  const isWritten = await new Promise<boolean>((resolve) => {
    const late = setTimeout(resolve, flushMs, false);
    socket.write(parts, (error) => {
      clearTimeout(late);
      resolve(error === undefined || error === null);
    });
  });
  const held = isWritten ? (nativeThreads()?.holdOwn(descriptorOf(socket)) ?? -1) : -1;
  socket.destroy();
  if (held < 0) throw new SluiceError('stream.notLive', 'the connection is gone');
  return held;
}
