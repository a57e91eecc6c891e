/**
 * GET /api/events: what changes, as server-sent events, for consoles. `stream`: one is there, or has changed; `removed`: its id;
 * `sample`: the newest figures of a stream (docs/api.md, Events).
 */
import type { LogLevels } from '../log-line.js';
import type { Streams } from '../supervisor/streams.js';
import { streamOf } from './api-resources.js';
import { eventStream, type SendEvent } from './event-stream.js';
import type { Handle } from './http.js';

const everyMs = 1000;

/** What one listener has been told. */
interface Told {
  readonly send: SendEvent;
  /** By id, as JSON. */
  readonly streams: Map<string, string>;
  readonly sampleMs: Map<string, number>;
}

/** Looks only while somebody listens. */
export function createEvents(
  streams: Pick<Streams, 'list' | 'alerts' | 'history' | 'recordingOf'>,
  logLevels: Pick<LogLevels, 'of'>,
): Handle {
  const listeners = new Set<Told>();
  let timer: NodeJS.Timeout | undefined;

  const tell = ({ send, streams: told, sampleMs }: Told): void => {
    const pulls = streams.list();
    const ids = new Set(pulls.map(({ pullId }) => pullId));
    for (const pull of pulls) {
      const { pullId } = pull;
      const stream = streamOf(pull, {
        alerts: streams.alerts(pullId),
        isRecording: streams.recordingOf(pullId) !== null,
        logLevel: logLevels.of(pullId),
      });
      const json = JSON.stringify(stream);
      if (told.get(pullId) !== json) send('stream', stream);
      told.set(pullId, json);
      const sample = streams.history(pullId).at(-1);
      if (sample === undefined || sampleMs.get(pullId) === sample.atMs) continue;
      sampleMs.set(pullId, sample.atMs);
      send('sample', { id: pullId, sample });
    }
    for (const id of told.keys()) {
      if (ids.has(id)) continue;
      told.delete(id);
      sampleMs.delete(id);
      send('removed', { id });
    }
  };

  return () =>
    eventStream((send) => {
      const told: Told = { send, streams: new Map(), sampleMs: new Map() };
      listeners.add(told);
      tell(told);
      timer ??= setInterval(() => listeners.forEach(tell), everyMs);
      return () => {
        listeners.delete(told);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    });
}
