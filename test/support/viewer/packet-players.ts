/** Players by the MSE provider of WCS's SDK that read and forget: a signalling session and a socket for media each. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { openWebSocket, textFrame, type WebSocketClient } from '../server/websocket-client.js';

export interface PacketPlayers {
  /**
   * Of those that read, in this time: what each gets, the bytes of who got least as a share of who got most, and the longest silence
   * of any.
   */
  compare(forMs: number): Promise<Comparison>;
  close(): void;
}

export interface Comparison {
  readonly kbps: number;
  readonly leastShare: number;
  readonly longestPauseMs: number;
}

interface Player {
  readonly signalling: WebSocketClient;
  readonly socket: Duplex;
  bytes: number;
  lastMs: number;
  longestPauseMs: number;
}

/** So many join at the same time. */
const atOnce = 25;

/** The first `slow` of them do not read. */
export async function openPacketPlayers(
  url: string,
  name: string,
  count: number,
  slow: number,
): Promise<PacketPlayers> {
  const players: Player[] = [];
  while (players.length < count) {
    const next = Array.from({ length: Math.min(atOnce, count - players.length) }, (_, n) => players.length + n);
    players.push(...(await Promise.all(next.map((n) => play(url, name, n >= slow)))));
  }
  const readers = players.slice(slow);
  return {
    async compare(forMs) {
      const before = readers.map(({ bytes }) => bytes);
      for (const player of readers) player.longestPauseMs = 0;
      await new Promise((resolve) => setTimeout(resolve, forMs));
      const got = readers.map(({ bytes }, n) => bytes - (before[n] ?? 0));
      const longestPauseMs = Math.max(...readers.map((player) => player.longestPauseMs));
      const kbps = (got.reduce((sum, bytes) => sum + bytes, 0) * 8) / readers.length / forMs;
      return { kbps, leastShare: Math.min(...got) / Math.max(...got), longestPauseMs };
    },
    close() {
      for (const { signalling, socket } of players) {
        signalling.close();
        socket.destroy();
      }
    },
  };
}

async function play(url: string, name: string, reads: boolean): Promise<Player> {
  const signalling = await openWebSocket(url);
  signalling.sendJson({ message: 'connection', data: [{ appKey: 'defaultApp' }] });
  const [user] = (await signalling.nextMessage('getUserData')).data;
  const { authToken } = Object(user);
  signalling.sendJson({ message: 'playStream', data: [{ mediaSessionId: 'm', name, mediaProvider: 'MSE' }] });
  await signalling.nextMessage('setRemoteSDP');
  const socket = await upgraded(url);
  const player: Player = { signalling, socket, bytes: 0, lastMs: performance.now(), longestPauseMs: 0 };
  if (reads) {
    socket.on('data', (chunk: Buffer) => {
      const nowMs = performance.now();
      player.bytes += chunk.length;
      player.longestPauseMs = Math.max(player.longestPauseMs, nowMs - player.lastMs);
      player.lastMs = nowMs;
    });
  } else socket.pause();
  socket.on('error', () => {});
  socket.write(textFrame(JSON.stringify({ message: 'connectMediaTransport', data: [{ authToken }] })));
  return player;
}

function upgraded(url: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const asked = request(url.replace(/^ws/, 'http'), {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      },
    });
    asked.once('upgrade', (_response, socket) => resolve(socket));
    asked.once('response', ({ statusCode }) => reject(new Error(`status ${statusCode}`)));
    asked.once('error', reject);
    asked.end();
  });
}
