/**
 * What a WHEP session tells its page beside audio and video, as server-sent events (docs/player.md, Events of a session):
 * `data`, what the source said, captions for example; `source`, that it was lost, and why, or is back; `alerts`, what is wrong with the
 * stream now.
 */
import type { SourceNews } from '../supervisor/media-watch.js';
import type { ViewRequest } from '../supervisor/view.js';
import { eventStream, type SendEvent } from './event-stream.js';
import type { HttpReply } from './http.js';
import { wordsOfNews } from './source-news.js';

export interface ViewerChannel {
  /** For `GET /whep/session/{id}/events`. */
  open(): HttpReply;
  readonly listeners: Pick<ViewRequest, 'onData' | 'onAlerts' | 'onSourceChanged'>;
}

/** One page listens, and the one before it may not know yet that it has gone. */
const maxListeners = 4;

export function createViewerChannel(): ViewerChannel {
  const listeners = new Set<SendEvent>();
  let source: SourceNews = { kind: 'source', lost: null };
  let alerts: SourceNews = { kind: 'alerts', alerts: [] };
  const tell = (news: SourceNews): void => {
    if (news.kind === 'source') source = news;
    if (news.kind === 'alerts') alerts = news;
    for (const send of listeners) send(...wordsOfNews(news));
  };
  return {
    open: () =>
      eventStream((send) => {
        const [oldest] = listeners;
        if (listeners.size >= maxListeners && oldest !== undefined) listeners.delete(oldest);
        listeners.add(send);
        for (const state of [source, alerts]) send(...wordsOfNews(state));
        return () => listeners.delete(send);
      }),
    listeners: {
      onData: (data) => tell({ kind: 'data', data }),
      onAlerts: (now) => tell({ kind: 'alerts', alerts: now }),
      onSourceChanged: (lost) => tell({ kind: 'source', lost }),
    },
  };
}
