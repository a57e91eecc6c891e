/** Server-sent events (HTML Living Standard 9.2) as a reply. */
import type { HttpReply } from './http.js';

/** One event: its name, and what it says as JSON. */
export type SendEvent = (name: string, data: unknown) => void;

/** Proxies end a connection on which nothing comes for a minute; a comment is no event. */
const keepAliveMs = 15_000;

/** A viewer is told little at a time: more than this waits for none that reads. */
const viewerBytes = 262_144;

/** `start` is called when the reply begins, and gives what stops it; `end` ends the reply. */
export function eventStream(
  start: (send: SendEvent, end: () => void) => () => void,
  maxWaitingBytes = viewerBytes,
): HttpReply {
  return {
    status: 200,
    maxWaitingBytes,
    headers: {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would hold the events back.
      'X-Accel-Buffering': 'no',
    },
    events(send, end) {
      send(': hello\n\n');
      const timer = setInterval(send, keepAliveMs, ': still here\n\n');
      const stop = start((name, data) => send(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`), end);
      return () => {
        clearInterval(timer);
        stop();
      };
    },
  };
}
