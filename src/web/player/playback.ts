/** Plays one stream in one video element, by the first way that works, and again whenever it is lost. */

import { type PlayState, playOn } from '../play-loop.js';
import type { PlaybackStats } from '../playback-stats.js';
import { WhepRefusal } from '../whep-exchange.js';
import type { Playback, PlayRequest, StreamEvent, Transport } from './transport.js';
import { webrtc } from './webrtc-transport.js';

/** In the order in which they are tried. */
const transports: readonly Transport[] = [webrtc];

interface PlayerOptions extends Omit<PlayRequest, 'signal' | 'onEvent'> {
  readonly onState: (state: PlayState) => void;
  readonly onStats: (stats: PlaybackStats, way: string) => void;
  readonly onEvent: (event: StreamEvent) => void;
}

const statsEveryMs = 1000;
const retryFirstMs = 500;
const retryMaxMs = 10_000;

/** Gives what stops it. */
export function startPlayback(options: PlayerOptions): () => void {
  const { onState, onStats } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const possible = transports.filter((transport) => transport.isPossible());
  /** What leads nowhere is not tried again before the page is loaded anew. */
  let way = 0;
  let playback: Playback | null = null;

  const play = async (attempt: AbortSignal, playing: () => void): Promise<string> => {
    const transport = possible[way];
    if (transport === undefined) throw new WhepRefusal('This browser plays no live video', 501, '', null);
    try {
      playback = await transport.open({ ...options, signal: attempt });
    } catch (error) {
      if (!(error instanceof WhepRefusal) && way + 1 < possible.length) way += 1;
      throw error;
    }
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
