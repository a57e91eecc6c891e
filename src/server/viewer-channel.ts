/**
 * What a WHEP session tells its page beside audio and video, as server-sent events (docs/player.md, Events of a session):
 * `data`, what the source said, captions for example; `source`, that it was lost, and why, or is back; `alerts`, what is wrong with the
 * stream now; at last `ended`, why the session is over. It may be over before it was connected, which no browser notices by itself.
 */
import { type ErrorCode, errorTable } from '../errors.js';
import type { SourceNews } from '../supervisor/media-watch.js';
import type { ViewRequest } from '../supervisor/view.js';
import { eventStream, type SendEvent } from './event-stream.js';
import type { HttpReply } from './http.js';
import { wordsOfNews } from './source-news.js';

export interface ViewerChannel {
  /** For `GET /whep/session/{id}/events`. */
  open(): HttpReply;
  /** The session is over, for this reason; null: by an order. */
  end(reason: ErrorCode | null): void;
  readonly listeners: Pick<ViewRequest, 'onData' | 'onAlerts' | 'onSourceChanged'>;
}

/** One page listens, and the one before it may not know yet that it has gone. */
const maxListeners = 4;

export function createViewerChannel(): ViewerChannel {
  const listeners = new Map<SendEvent, () => void>();
  let source: SourceNews = { kind: 'source', lost: null };
  let alerts: SourceNews = { kind: 'alerts', alerts: [] };
  const tell = (news: SourceNews): void => {
    if (news.kind === 'source') source = news;
    if (news.kind === 'alerts') alerts = news;
    for (const send of listeners.keys()) send(...wordsOfNews(news));
  };
  return {
    open: () =>
      eventStream((send, end) => {
        const [oldest] = listeners.keys();
        if (listeners.size >= maxListeners && oldest !== undefined) listeners.get(oldest)?.();
        listeners.set(send, end);
        for (const state of [source, alerts]) send(...wordsOfNews(state));
        return () => listeners.delete(send);
      }),
    end(reason) {
      const code = reason ?? 'viewer.ended';
      for (const [send, end] of listeners) {
        send('ended', { code, text: errorTable[code].text });
        end();
      }
    },
    listeners: {
      onData: (data) => tell({ kind: 'data', data }),
      onAlerts: (now) => tell({ kind: 'alerts', alerts: now }),
      onSourceChanged: (lost) => tell({ kind: 'source', lost }),
    },
  };
}
