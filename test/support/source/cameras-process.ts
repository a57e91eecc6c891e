/** The process of cameras.ts: each player is a camera of its own, with its own clock and the same pictures. */
import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { createPlaySession } from '../../../actors/demo/play-session.js';
import { handshakeRandomBytes } from '../../../src/core/rtmp/handshake.js';
import { audioFrameMs, frameMs, makeCameraLoop, stampMessage } from './camera-loop.js';
import type { CamerasUsage } from './cameras.js';
import { writeMark } from './frame-mark.js';

const tickMs = 2;
/** A player that does not read misses frames from here on. */
const queueBytes = 8_388_608;

/** It stands for other machines, which do not wait for a core of the server's. Who is not root does without. */
try {
  setPriority(-10);
} catch {}

const loop = makeCameraLoop(Number(process.argv[2]));
const noConfiguration = { video: new Uint8Array(), audio: new Uint8Array() };
const cameras = new Set<Camera>();
let [born, longestLateMs, missedFrames, sentBytes] = [0, 0, 0, 0];

interface Camera {
  tick(nowMs: number): void;
}

/** Its first GOP is cut short, so that the keyframes of cameras that were dialled at once fall all over the GOP. */
function createCamera(socket: Socket, firstGopFrames: number): Camera {
  const startMs = performance.now();
  let [frames, shown, sounded] = [0, 0, 0];
  const write = (bytes: Buffer): void => {
    sentBytes += bytes.length;
    socket.write(bytes);
  };
  for (const message of loop.configurations) write(stampMessage(message, 0, null));

  const show = (): void => {
    const at = shown < firstGopFrames ? shown : shown - firstGopFrames + loop.gopFrames;
    const message = loop.video[at % loop.video.length];
    if (message === undefined) throw new Error('a camera without pictures');
    const mark = writeMark({ number: frames, sentNs: process.hrtime.bigint(), isKey: message.isKey });
    if (socket.writableLength > queueBytes) missedFrames += 1;
    else {
      write(stampMessage(message, Math.round(shown * frameMs), mark));
      frames += 1;
    }
    shown += 1;
  };
  const sound = (): void => {
    const message = loop.audio[sounded % loop.audio.length];
    if (message !== undefined) write(stampMessage(message, Math.round(sounded * audioFrameMs), null));
    sounded += 1;
  };
  return {
    tick(nowMs) {
      const ageMs = nowMs - startMs;
      longestLateMs = Math.max(longestLateMs, ageMs - shown * frameMs);
      while (shown * frameMs <= ageMs) show();
      while (sounded * audioFrameMs <= ageMs) sound();
    },
  };
}

const server = createServer({ noDelay: true }, (socket) => {
  const session = createPlaySession({ random: randomBytes(handshakeRandomBytes), configuration: noConfiguration });
  let camera: Camera | null = null;
  socket.on('data', (bytes) => {
    for (const part of session.receive(bytes)) socket.write(part);
    if (!session.isPlaying || camera !== null) return;
    camera = createCamera(socket, 1 + ((born * 7) % loop.gopFrames));
    born += 1;
    cameras.add(camera);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    if (camera !== null) cameras.delete(camera);
  });
});

setInterval(() => {
  for (const camera of cameras) camera.tick(performance.now());
}, tickMs);

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const usage: CamerasUsage = {
    cameras: cameras.size,
    cpuMs: (user + system) / 1000,
    longestLateMs,
    missedFrames,
    sentBytes,
  };
  longestLateMs = 0;
  process.send?.(usage);
});
process.once('disconnect', () => process.exit(0));

server.listen({ port: 0, host: process.argv[3] ?? '127.0.0.1', backlog: 1024 }, () => {
  const address = server.address();
  process.send?.(address !== null && typeof address === 'object' ? address.port : 0);
});
