/** The demo's RTMP origin: serves the camera to every RTMP player that asks, over TCP on loopback. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { WireError } from '../../src/core/bytes/wire-error.js';
import { SluiceError } from '../../src/errors.js';
import type { CameraFrame } from './camera.js';
import { createPlaySession, type PlaySession, type PlaySessionOptions } from './play-session.js';

const host = '127.0.0.1';
const handshakeBytes = 1528;
const maxPlayers = 64;
/** A player that is so far behind is not reading: some 10 s of the video. */
const maxBehindBytes = 2_097_152;

export interface Origin {
  readonly port: number;
  frame(frame: CameraFrame): void;
  close(): Promise<void>;
}

/** `port` 0: any free one. `onPlayers`: how many play, at each change. Error: config.invalid when the port is taken. */
export async function openOrigin(
  port: number,
  configuration: PlaySessionOptions['configuration'],
  onPlayers: (players: number) => void,
): Promise<Origin> {
  const players = new Map<Socket, PlaySession>();
  let playing = 0;
  const count = (): void => {
    const now = [...players.values()].filter(({ isPlaying }) => isPlaying).length;
    if (now === playing) return;
    playing = now;
    onPlayers(now);
  };
  const write = (socket: Socket, parts: readonly Uint8Array[]): void => {
    for (const part of parts) socket.write(part);
    if (socket.writableLength > maxBehindBytes) socket.destroy();
  };

  const server = createServer({ noDelay: true }, (socket) => {
    const session = createPlaySession({ random: randomBytes(handshakeBytes), configuration });
    players.set(socket, session);
    socket.on('data', (bytes) => {
      try {
        write(socket, session.receive(bytes));
        count();
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        socket.destroy(); // It speaks something else than RTMP.
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      players.delete(socket);
      count();
    });
  });
  server.maxConnections = maxPlayers;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch {
    throw new SluiceError('config.invalid', `demo.port ${port} is taken; choose another, or 0 for any free one`);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new SluiceError('internal', 'no TCP address');

  return {
    port: address.port,
    frame(frame) {
      for (const [socket, session] of players) write(socket, session.frame(frame));
    },
    async close() {
      for (const socket of players.keys()) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
