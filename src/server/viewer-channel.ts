/**
 * What a WHEP session tells its page beside audio and video, as server-sent events (docs/player.md, Events of a session):
 * `data`, what the source said, captions for example; `source`, that it was lost, and why, or is back.
 */
import type { SourceNews } from '../supervisor/media-watch.js';
import { eventStream, type SendEvent } from './event-stream.js';
import type { HttpReply } from './http.js';
import { wordsOfNews } from './source-news.js';

export interface ViewerChannel {
  /** For `GET /whep/session/{id}/events`. */
  open(): HttpReply;
  tell(news: SourceNews): void;
}

/** One page listens, and the one before it may not know yet that it has gone. */
const maxListeners = 4;

export function createViewerChannel(): ViewerChannel {
  const listeners = new Set<SendEvent>();
  let state: SourceNews = { kind: 'source', lost: null };
  return {
    open: () =>
      eventStream((send) => {
        const [oldest] = listeners;
        if (listeners.size >= maxListeners && oldest !== undefined) listeners.delete(oldest);
        listeners.add(send);
        send(...wordsOfNews(state));
        return () => listeners.delete(send);
      }),
    tell(news) {
      if (news.kind === 'source') state = news;
      for (const send of listeners) send(...wordsOfNews(news));
    },
  };
}
