/** A source that sends all it has to each player at once: some seconds of real audio and video. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createPlaySession } from '../../../actors/demo/play-session.js';
import { handshakeRandomBytes } from '../../../src/core/rtmp/handshake.js';
import type { FlvTag } from '../../support/source/flv-file.js';

const random = new Uint8Array(handshakeRandomBytes).fill(3);

export interface BurstSource {
  readonly port: number;
  close(): void;
}

/** `tags`: the first of each track configures its decoder. */
export async function startBurstSource(tags: readonly FlvTag[]): Promise<BurstSource> {
  const firstOf = (track: FlvTag['track']): Buffer =>
    Buffer.from(tags.find((tag) => tag.track === track)?.body ?? new Uint8Array());
  const configuration = { video: firstOf('video'), audio: firstOf('audio') };
  const server = createServer({ noDelay: true }, (socket) => {
    const session = createPlaySession({ random, configuration });
    let hasSent = false;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      for (const part of session.receive(bytes)) socket.write(part);
      if (!session.isPlaying || hasSent) return;
      hasSent = true;
      for (const { track, timestampMs, body } of tags) {
        if (track === 'data') continue;
        for (const part of session.frame({ track, isKeyframe: true, timestampMs, body })) socket.write(part);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: Number(Object(server.address()).port), close: () => server.close() };
}
