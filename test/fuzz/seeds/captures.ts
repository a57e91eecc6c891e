/** What real servers send to a player, from the handshake to the first frames. */
import { connect } from 'node:net';
import { createRtmpClient } from '../../../src/core/rtmp/client.js';
import { handshakeRandomBytes } from '../../../src/core/rtmp/handshake.js';
import { parseRtmpUrl } from '../../../src/core/rtmp/url.js';
import { freePort } from '../../support/server/free-port.js';
import { startNginx } from '../../support/source/nginx.js';
import { startNodeMediaServer } from '../../support/source/node-media-server.js';
import { publish, publishEnhanced, serveOnce } from '../../support/source/publisher.js';
import { until } from '../../support/until.js';
import type { Seeds } from './seed.js';

const handshakeBytes = 1 + 2 * 1536;
/** The dialogue, metadata, headers and the beginning of a frame. */
const keptBytes = 4000;
const tiny = { size: '64x64', fps: 10, gopFrames: 10, bitrateKbps: 50 };

function capture(uri: string): Promise<Buffer> {
  const url = parseRtmpUrl(uri);
  const client = createRtmpClient({
    url,
    random: new Uint8Array(handshakeRandomBytes).fill(7),
    clientNonce: '0a1b2c3d',
    bufferLengthMs: 1000,
    maxMessageBytes: 1_000_000,
    auth: null,
    subscribes: false,
    isEnhanced: true,
  });
  const received: Buffer[] = [];
  const total = (): number => received.reduce((sum, { length }) => sum + length, 0);
  return new Promise((resolve, reject) => {
    const socket = connect(url.port, url.host, () => {
      for (const part of client.start().send) socket.write(part);
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error(`${uri}: ${total()} bytes came`)));
    socket.on('error', reject);
    socket.on('data', (bytes) => {
      received.push(bytes);
      for (const part of client.push(bytes, performance.now()).send) socket.write(part);
      if (total() < handshakeBytes + keptBytes) return;
      socket.destroy();
      resolve(Buffer.concat(received));
    });
  });
}

export async function captureServers(): Promise<Seeds> {
  const [nginx, nms] = await Promise.all([startNginx(), startNodeMediaServer()]);
  const listening = `rtmp://127.0.0.1:${await freePort()}/live/x`;
  const publishers = await Promise.all([
    publish(nginx.url('cam'), tiny),
    publish(nms.url('cam'), tiny),
    publishEnhanced(nms.url('hevc'), { video: 'libx265', audio: 'libopus' }),
    publishEnhanced(nms.url('av1'), { video: 'libsvtav1', audio: 'aac' }),
    serveOnce(listening, tiny),
  ]);
  const captured: Record<string, Buffer> = {
    'captured-nginx': await capture(nginx.url('cam')),
    'captured-node-media-server': await capture(nms.url('cam')),
    'captured-node-media-server-hevc': await capture(nms.url('hevc')),
    'captured-node-media-server-av1': await capture(nms.url('av1')),
    'captured-ffmpeg': await until('ffmpeg listens', () => capture(listening).catch(() => undefined)),
  };
  await Promise.all(publishers.map((publisher) => publisher.stop()));
  await Promise.all([nginx.stop(), nms.stop()]);
  const part = (from: number, to: number) =>
    Object.fromEntries(Object.entries(captured).map(([name, bytes]) => [name, bytes.subarray(from, to)]));
  const dialogue = part(handshakeBytes, handshakeBytes + keptBytes);
  return { handshake: part(0, handshakeBytes), chunk: dialogue, client: dialogue };
}
