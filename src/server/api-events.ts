/**
 * GET /api/events: what changes, as server-sent events, for consoles. `stream`: one is there, or has changed; `streams`: the ids of
 * all, once each is told; `removed`: its id; `sample`: the newest figures of a stream; `answer`: what GET answers now at a path that
 * `watch` names (docs/api.md, Events).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SluiceError } from '../errors.js';
import type { LogLevels } from '../log-line.js';
import type { Streams } from '../supervisor/streams.js';
import { streamOf } from './api-resources.js';
import type { OpenWatch, Watch } from './api-watches.js';
import { eventStream, type SendEvent } from './event-stream.js';
import type { Handle } from './http.js';

const everyMs = 1000;
/** What is watched is asked for so often, once the answer before is there. */
const watchEveryMs = 2000;
const maxWatches = 16;
/** A console is sent all streams at once when it comes. */
const maxWaitingBytes = 16_777_216;

/** What one listener has been told. */
interface Told {
  readonly send: SendEvent;
  /** By id, as JSON. */
  readonly streams: Map<string, string>;
  readonly sampleMs: Map<string, number>;
}

interface EventsParts {
  readonly streams: Pick<Streams, 'list' | 'alerts' | 'lastSample' | 'recordingOf'>;
  readonly logLevels: Pick<LogLevels, 'of'>;
  readonly openWatch: OpenWatch;
}

/** Looks only while somebody listens. Error: request.invalid. */
export function createEvents({ streams, logLevels, openWatch }: EventsParts): Handle {
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
      const sample = streams.lastSample(pullId);
      if (sample === null || sampleMs.get(pullId) === sample.atMs) continue;
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

  return ({ query, client }) => {
    const paths = query.getAll('watch');
    if (paths.length > maxWatches) throw new SluiceError('request.invalid', `watch: more than ${maxWatches}`);
    const watches = paths.map((path) => openWatch(path, client));
    return eventStream((send) => {
      const told: Told = { send, streams: new Map(), sampleMs: new Map() };
      listeners.add(told);
      tell(told);
      send('streams', { ids: [...told.streams.keys()] });
      timer ??= setInterval(() => listeners.forEach(tell), everyMs);
      const watchNoMore = watchAll(watches, send);
      return () => {
        watchNoMore();
        listeners.delete(told);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    }, maxWaitingBytes);
  };
}

/** Gives what ends it. */
function watchAll(watches: readonly Watch[], send: SendEvent): () => void {
  if (watches.length === 0) return () => {};
  const over = new AbortController();
  const { signal } = over;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const answers = await Promise.all(watches.map((ask) => ask()));
      for (const answer of answers) if (answer !== null && !signal.aborted) send('answer', answer);
      await delay(watchEveryMs, undefined, { signal }).catch(() => {});
    }
  };
  void run();
  return () => over.abort();
}
