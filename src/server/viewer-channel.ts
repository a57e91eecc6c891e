/**
 * What a WHEP session tells its page beside audio and video, as server-sent events (docs/player.md, Events of a session):
 * `data`, what the source said, captions for example; `source`, that it was lost, and why, or is back.
 */
import { type ErrorCode, errorTable } from '../errors.js';
import type { SourceData } from '../supervisor/data-ring.js';
import { eventStream, type SendEvent } from './event-stream.js';
import type { HttpReply } from './http.js';

export interface ViewerChannel {
  /** For `GET /whep/session/{id}/events`. */
  open(): HttpReply;
  data(data: SourceData): void;
  /** Null: it is back. */
  source(lost: ErrorCode | null): void;
}

/** One page listens, and the one before it may not know yet that it has gone. */
const maxListeners = 4;

export function createViewerChannel(): ViewerChannel {
  const listeners = new Set<SendEvent>();
  let lost: ErrorCode | null = null;
  const tell: SendEvent = (name, data) => {
    for (const send of listeners) send(name, data);
  };
  const state = () => ({ lost: lost === null ? null : { code: lost, text: errorTable[lost].text } });
  return {
    open: () =>
      eventStream((send) => {
        const [oldest] = listeners;
        if (listeners.size >= maxListeners && oldest !== undefined) listeners.delete(oldest);
        listeners.add(send);
        send('source', state());
        return () => listeners.delete(send);
      }),
    data: (data) => tell('data', data),
    source(code) {
      lost = code;
      tell('source', state());
    },
  };
}
