/** The past of a stream: HLS by hls.js, which is loaded when somebody goes back for the first time. */
import type Hls from 'hls.js';
import { createElementStats } from './element-stats.js';
import { readTimeShift } from './time-shift.js';
import type { Playback, PlayRequest, Transport } from './transport.js';
import { whenMedia } from './when-media.js';

/** Of the same folder as this script. */
const library = new URL('sluice-hls.js', import.meta.url);
const mediaTimeoutMs = 10_000;

/** `behindMs`: where it begins, from the live edge back. */
export const shiftedBy = (behindMs: number): Transport => ({
  name: 'hls',
  isPossible: () => 'MediaSource' in globalThis,
  async open({ endpoint, token, video, signal }: PlayRequest): Promise<Playback> {
    const { list, lengthMs, depthMs } = await readTimeShift({ endpoint, token }, signal);
    const { default: Library }: typeof import('hls.js') = await import(library.href);
    const life = new AbortController();
    const hls: Hls = new Library({
      startPosition: (lengthMs - Math.min(behindMs, depthMs)) / 1000,
      lowLatencyMode: false,
      // A policy of the page may forbid a worker; there is little to do for it.
      enableWorker: false,
    });
    const close = (): void => life.abort();
    signal.addEventListener('abort', close, { signal: life.signal });
    life.signal.addEventListener('abort', () => hls.destroy());
    let receivedBytes = 0;
    hls.on(Library.Events.FRAG_LOADED, (_, { frag }) => {
      receivedBytes += frag.stats.total;
    });
    const stats = createElementStats({
      video,
      receivedBytes: () => receivedBytes,
      // A list of segments does not say them.
      codecs: () => [],
      signal: life.signal,
    });
    const ended = new Promise<string>((resolve) => {
      video.addEventListener('ended', () => resolve('The stream has ended'), { signal: life.signal });
      hls.on(Library.Events.ERROR, (_, { fatal, details }) => {
        if (fatal) resolve(`The past of the stream is not to be had any more (${details})`);
      });
    });
    video.srcObject = null;
    hls.loadSource(list.href);
    hls.attachMedia(video);
    video.play().catch(() => undefined);
    try {
      const reason = await Promise.race([ended, whenMedia(video, mediaTimeoutMs, life.signal)]);
      if (reason !== null) throw new Error(reason);
    } catch (error) {
      close();
      throw error;
    }
    return { ended, readStats: async () => stats.read(), receivedBytes: async () => receivedBytes, close };
  },
});
