/** What a source takes by itself: the time until a player without a server around it has its first frame. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { createRtmpClient } from '../../../src/core/rtmp/client.js';
import { handshakeRandomBytes } from '../../../src/core/rtmp/handshake.js';
import { parseRtmpUrl } from '../../../src/core/rtmp/url.js';

/** In ms, from the dialling to the first message of the video, which is its configuration. */
export function playOnce(uri: string): Promise<number> {
  const url = parseRtmpUrl(uri);
  const client = createRtmpClient({
    url,
    auth: null,
    subscribes: false,
    isEnhanced: true,
    bufferLengthMs: 1000,
    maxMessageBytes: 8_388_608,
    random: randomBytes(handshakeRandomBytes),
    clientNonce: randomBytes(4).toString('hex'),
  });
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.host, port: url.port, noDelay: true });
    const send = (parts: readonly Uint8Array[]): void => {
      for (const part of parts) socket.write(part);
    };
    socket.once('connect', () => send(client.start().send));
    socket.on('data', (bytes) => {
      const step = client.push(bytes, performance.now());
      send(step.send);
      for (const event of step.events) {
        if (event.kind === 'accepted') continue;
        socket.destroy();
        if (event.kind === 'media' && event.message.track === 'video') resolve(performance.now() - startMs);
        else reject(new Error(`the source answered ${event.kind}`));
        return;
      }
    });
    socket.once('error', reject);
  });
}
