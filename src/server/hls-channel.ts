/** A stream as it is played by HLS: a window of it in memory, kept as long as somebody asks for it. */
import { randomBytes } from 'node:crypto';
import { captionText } from '../core/captions/caption-text.js';
import { HlsCaptions } from '../core/hls/captions.js';
import { HlsWindow, type HlsWindowLimits } from '../core/hls/window.js';
import type { SourceNews } from '../supervisor/media-watch.js';
import type { FragmentPlayer, FragmentStream } from './fragment-streams.js';

export interface HlsChannel {
  /** Of the stream. */
  readonly pullId: string;
  readonly window: HlsWindow;
  readonly captions: HlsCaptions;
  /** Before names of its files. */
  readonly epoch: string;
  readonly isOver: () => boolean;
  /** Resolves when there may be more, or after a while. */
  more(): Promise<void>;
  /**
   * Whether its source is there and what is wrong with it, now and as it changes; gives what ends it. What the source says is in
   * `captions`, at its time.
   */
  listen(onNews: (news: SourceNews) => void): () => void;
  /** Somebody asked for it. */
  touch(): void;
  end(): void;
}

/** Of a blocking request, in parts of the target duration. */
const waitTargets = 3;
const lookEveryMs = 2000;

/** `lingerMs`: how long it is kept after the last request. */
export function createHlsChannel(
  stream: FragmentStream,
  limits: HlsWindowLimits,
  lingerMs: number,
  onEnd: () => void,
): HlsChannel {
  const window = new HlsWindow(limits);
  const captions = new HlsCaptions();
  const waiting = new Set<() => void>();
  const listeners = new Set<(news: SourceNews) => void>();
  let isOver = false;
  const wake = (): void => {
    for (const one of [...waiting]) one();
  };
  const player: FragmentPlayer = {
    onMessage(message) {
      const isNews = message.kind === 'init' ? window.addInit(message) : window.add(message, Date.now());
      if (isNews) wake();
    },
    onNews(news) {
      if (news.kind !== 'data') for (const onNews of listeners) onNews(news);
      if (news.kind !== 'data' || window.endMs === null) return;
      const text = captionText(news.data.name, news.data.values);
      if (text !== '') captions.add(text, window.endMs);
    },
    onOver() {
      isOver = true;
      wake();
    },
  };
  const end = (): void => {
    clearTimeout(timer);
    stream.leave(player);
    listeners.clear();
    onEnd();
    isOver = true;
    wake();
  };
  const timer = setTimeout(end, lingerMs);
  const { init, fragments } = stream.recent;
  if (init !== null) window.addInit(init);
  const since = fragments.reduce((total, { track, durationMs }) => total + (track === 'video' ? durationMs : 0), 0);
  let atMs = Date.now() - since;
  for (const fragment of fragments) {
    if (fragment.track === 'video') atMs += fragment.durationMs;
    window.add(fragment, atMs);
  }
  stream.join(player);

  return {
    pullId: stream.pullId,
    window,
    captions,
    epoch: randomBytes(4).toString('hex'),
    isOver: () => isOver,
    more: () =>
      new Promise((resolve) => {
        const settle = (): void => {
          waiting.delete(settle);
          clearTimeout(late);
          resolve();
        };
        const late = setTimeout(settle, lookEveryMs);
        waiting.add(settle);
      }),
    listen(onNews) {
      onNews({ kind: 'source', lost: stream.lost });
      onNews(stream.alerts);
      if (!isOver) listeners.add(onNews);
      return () => listeners.delete(onNews);
    },
    touch: () => void timer.refresh(),
    end,
  };
}

/** Waits until the probe gives something; undefined after three target durations. */
export async function whenThere<T>(channel: HlsChannel, probe: () => T | undefined): Promise<T | undefined> {
  const endMs = Date.now() + channel.window.targetS * 1000 * waitTargets;
  for (;;) {
    const found = probe();
    if (found !== undefined || channel.isOver() || Date.now() > endMs) return found;
    await channel.more();
  }
}
