/** Low-latency HLS (docs/hls.md) where the browser plays HLS by itself: where neither WebRTC nor a WebSocket comes through. */
import { get } from '../http-request.js';
import { withToken } from '../token.js';
import { createElementStats } from './element-stats.js';
import { besideWhep } from './stream-address.js';
import { listenTo } from './stream-event.js';
import type { Playback, PlayRequest, Transport } from './transport.js';
import { whenMedia } from './when-media.js';

const type = 'application/vnd.apple.mpegurl';
/** The first list comes when a whole segment is there, and the source may have to be dialled before. */
const mediaTimeoutMs = 30_000;

export const llHls: Transport = {
  name: 'll-hls',
  isPossible: ({ endpoint, video }) => video.canPlayType(type) !== '' && besideWhep(endpoint, 'hls') !== null,
  async open({ endpoint, token, video, signal, onEvent }: PlayRequest): Promise<Playback> {
    const stream = besideWhep(endpoint, 'hls');
    if (stream === null) throw new Error('This server is not a Sluice');
    const session = newSession();
    const listOf = (name: string): URL => {
      const list = withToken(new URL(`${stream.pathname}/${name}`, stream), token);
      list.searchParams.set('session', session);
      return list;
    };
    const list = listOf('index.m3u8');
    const media = listOf('media.m3u8');
    // An element does not say why it is refused.
    await get(media, signal);
    const life = new AbortController();
    const close = (): void => life.abort();
    signal.addEventListener('abort', close, { signal: life.signal });
    life.signal.addEventListener('abort', () => {
      video.removeAttribute('src');
      // Without it the element goes on loading.
      video.load();
    });
    const stats = createElementStats({
      video,
      receivedBytes: () => decodedBytes(video),
      codecs: () => [],
      signal: life.signal,
    });
    void listenTo({ events: listOf('events'), token: undefined, signal: life.signal, onEvent });
    video.srcObject = null;
    video.src = list.href;
    video.play().catch(() => undefined);
    const ended = new Promise<string>((resolve) => {
      video.addEventListener('ended', () => resolve('The stream has ended'), { signal: life.signal });
      const onFailed = (): void => resolve(video.error?.message || 'The connection to the server was lost');
      video.addEventListener('error', onFailed, { signal: life.signal });
      // An element that is refused goes on asking, and says nothing of it.
      const onDry = (): void => void get(media, life.signal).catch(({ message }: Error) => resolve(message));
      video.addEventListener('waiting', onDry, { signal: life.signal });
    });
    try {
      const reason = await Promise.race([ended, whenMedia(video, mediaTimeoutMs, life.signal)]);
      if (reason !== null) throw new Error(reason);
    } catch (error) {
      close();
      throw error;
    }
    return { ended, readStats: async () => stats.read(), receivedBytes: async () => decodedBytes(video), close };
  },
};

/** By which the server knows its viewer: 128 random bits. */
const newSession = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Chromium and Safari count them, outside of all standards. */
function decodedBytes(video: HTMLVideoElement): number {
  const count = (name: string): number => Number(Reflect.get(video, name) ?? 0);
  return count('webkitVideoDecodedByteCount') + count('webkitAudioDecodedByteCount');
}
