/** Plays one stream in one video element, by the first way that works, and again whenever it is lost. */

import { HttpRefusal } from '../http-refusal.js';
import { type PlayState, playOn } from '../play-loop.js';
import type { PlaybackStats } from '../playback-stats.js';
import { llHls } from './ll-hls-transport.js';
import { mse } from './mse-transport.js';
import type { Servers } from './servers.js';
import { shiftedBy } from './shifted-transport.js';
import type { Playback, PlayRequest, StreamEvent, Transport } from './transport.js';
import { webrtc } from './webrtc-transport.js';

/** Of what is live, in the order in which they are tried. */
const transports: readonly Transport[] = [webrtc, mse, llHls];

interface PlayerOptions extends Omit<PlayRequest, 'endpoint' | 'signal' | 'onEvent'> {
  readonly servers: Servers;
  /** How far behind the live edge it begins; 0: live. */
  readonly behindMs: number;
  readonly onState: (state: PlayState) => void;
  readonly onStats: (stats: PlaybackStats, way: string) => void;
  readonly onEvent: (event: StreamEvent) => void;
}

/** What WebRTC cannot carry another way may. */
const noCommonCodec = 'offer.unacceptable';
const statsEveryMs = 1000;
const retryFirstMs = 500;
const retryMaxMs = 10_000;

/** Gives what stops it. */
export function startPlayback(options: PlayerOptions): () => void {
  const { servers, video, onState, onStats } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const wanted = options.behindMs > 0 ? [shiftedBy(options.behindMs)] : transports;
  const possible = wanted.filter((transport) => transport.isPossible({ endpoint: servers.endpoint, video }));
  /** What leads nowhere is not tried again before the others were. */
  let way = 0;
  let playback: Playback | null = null;

  /** By the first way that works. Errors: HttpRefusal; that of the last way, when all were tried. */
  const openByWay = async (attempt: AbortSignal): Promise<Playback> => {
    const { endpoint } = servers;
    for (;;) {
      const transport = possible[way];
      if (transport === undefined) throw new HttpRefusal('This browser plays no live video', 501);
      try {
        return await transport.open({ ...options, endpoint, signal: attempt });
      } catch (error) {
        if (attempt.aborted || (error instanceof HttpRefusal && error.code !== noCommonCodec)) throw error;
        way = (way + 1) % possible.length;
        if (way === 0) throw error;
      }
    }
  };
  const open = async (attempt: AbortSignal): Promise<Playback> => {
    for (let refused = 1; ; refused += 1) {
      try {
        return await openWatched(servers, openByWay, attempt);
      } catch (error) {
        if (attempt.aborted || (error instanceof HttpRefusal && !error.isTemporary)) throw error;
        servers.toNext();
        if (refused === servers.count) throw error;
      }
    }
  };
  const play = async (attempt: AbortSignal, playing: () => void): Promise<string> => {
    playback = await open(attempt);
    if (attempt.aborted) return '';
    playing();
    const aborted = new Promise<string>((resolve) => attempt.addEventListener('abort', () => resolve('')));
    return Promise.race([playback.ended, aborted]);
  };
  const release = (): void => {
    playback?.close();
    playback = null;
  };

  const timer = setInterval(async () => {
    const stats = (await playback?.readStats()) ?? null;
    if (stats !== null && !signal.aborted) onStats(stats, possible[way]?.name ?? '');
  }, statsEveryMs);
  void playOn({ play, release, onState, signal, retryFirstMs, retryMaxMs });
  return () => {
    clearInterval(timer);
    stopping.abort();
    release();
  };
}

/** Ends, or does not come so far, when the server is gone while another one is there. Errors: those of `open`; HttpRefusal. */
async function openWatched(
  servers: Servers,
  open: (signal: AbortSignal) => Promise<Playback>,
  signal: AbortSignal,
): Promise<Playback> {
  const life = new AbortController();
  const { signal: lifeSignal } = life;
  signal.addEventListener('abort', () => life.abort(), { signal: lifeSignal });
  let opened: Playback | null = null;
  const gone = servers.whenGone(async () => opened?.receivedBytes() ?? 0, lifeSignal);
  const refusal = gone.then((reason) => Promise.reject(new HttpRefusal(reason, 0)));
  try {
    opened = await Promise.race([open(lifeSignal), refusal]);
  } catch (error) {
    life.abort();
    throw error;
  }
  const { ended, readStats, receivedBytes, close } = opened;
  const left = gone.then((reason) => {
    servers.toNext();
    return reason;
  });
  return {
    ended: Promise.race([ended, left]),
    readStats,
    receivedBytes,
    close() {
      close();
      life.abort();
    },
  };
}
