/** The process of origin.ts: any number of players, and for each nothing but what it asked for. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { createPlaySession } from '../../actors/demo/play-session.js';
import { handshakeRandomBytes } from '../../src/core/rtmp/handshake.js';
import { originConfiguration, originFrames } from '../support/source/origin.js';

const frameMs = Number(process.argv[2]);

const server = createServer({ noDelay: true }, (socket) => {
  const session = createPlaySession({ random: randomBytes(handshakeRandomBytes), configuration: originConfiguration });
  let shown = 0;
  let timer: NodeJS.Timeout | undefined;
  const show = (): void => {
    const frame = {
      track: 'video',
      isKeyframe: true,
      timestampMs: shown * frameMs,
      body: originFrames.key,
    } as const;
    shown += 1;
    for (const part of session.frame(frame)) socket.write(part);
  };
  socket.on('data', (bytes) => {
    for (const part of session.receive(bytes)) socket.write(part);
    if (!session.isPlaying || timer !== undefined) return;
    show();
    timer = setInterval(show, frameMs);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearInterval(timer));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(address !== null && typeof address === 'object' ? address.port : 0);
});
