/**
 * Entry of a rendition's process, which decodes and encodes untrusted bytes in native code: an abort of it ends nothing else. It
 * ends with its actor, and with the main thread.
 */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { beatMs } from '../../src/core/supervise/beat-block.js';
import type { ChannelEnd, FromSideProcess } from '../contract.js';
import { loadNativeAv, type NativeGuard } from '../media/native.js';
import { createSocketPort } from '../runtime/socket-port.js';
import type { FromRendition, RenditionProcessBoot, ToRendition } from './contract.js';
import { lowerPriority, startTranscoding } from './transcoding.js';

/** An actor that does not come has ended. */
const connectMs = 10_000;

/** A process is ended by a signal, wherever it is. */
const noGuard: NativeGuard = { enter() {}, leave() {} };

const say = (message: FromSideProcess): void => void process.send?.(message);
const end = (): never => process.exit(0);

/** Resolves with the connection that begins with the token. */
function acceptActor({ path, token }: RenditionProcessBoot): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('readable', () => {
        const given: unknown = socket.read(token.length);
        if (!(given instanceof Uint8Array) || given.length !== token.length || !timingSafeEqual(given, token)) {
          socket.destroy();
          return;
        }
        clearTimeout(late);
        server.close();
        resolve(socket);
      });
    });
    const late = setTimeout(end, connectMs);
    server.once('error', reject);
    server.listen(path, () => say('listening'));
  });
}

async function begin(boot: RenditionProcessBoot): Promise<void> {
  // FFmpeg is loaded while the actor is on its way.
  const loading = loadNativeAv(noGuard);
  loading.catch(() => {});
  const channel: ChannelEnd<ToRendition, FromRendition> = createSocketPort(await acceptActor(boot));
  channel.on('close', () => setImmediate(end));
  await startTranscoding({
    channel,
    wish: boot.wish,
    guard: noGuard,
    loadAv: () => loading,
    // The whole process is counted.
    onHolding() {},
    onStopped() {},
  });
}

// Those of a terminal reach all of its processes: this one ends when the server has no more use for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.once('disconnect', end);
process.once('message', (boot: RenditionProcessBoot) => void begin(boot));
let dueAtMs = performance.now() + beatMs;
setInterval(() => {
  const nowMs = performance.now();
  say({ usedBytes: process.memoryUsage.rss(), lagMs: Math.max(0, Math.round(nowMs - dueAtMs)) });
  dueAtMs = nowMs + beatMs;
}, beatMs);
lowerPriority(process.pid);
