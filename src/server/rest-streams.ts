/**
 * WCS's REST calls for streams: /rest-api/stream/{find,find_all,terminate,snapshot}. The streams are the pulls, which are
 * published here, and their viewers.
 */
import { SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { type Handle, jsonReply } from './http.js';
import { readStreamFilter, readStreamName, type StreamFilter } from './rest-body.js';
import { type Metrics, playedMetrics, publishedMetrics } from './stream-metrics.js';
import { playedStream, publishedStream, type StreamObject } from './stream-objects.js';

interface RestStreams {
  readonly find: Handle;
  readonly findAll: Handle;
  readonly terminate: Handle;
  readonly snapshot: Handle;
}

/** A stream with the pull that it belongs to, and what ends it. */
interface Listed {
  readonly stream: StreamObject;
  /** Of the pull, or of the viewer. */
  readonly id: string;
  readonly pullId: string;
  readonly metrics: (stats: StreamStats) => Metrics;
  readonly end: () => void | Promise<void>;
}

type StreamStats = Awaited<ReturnType<Streams['stats']>>;

export function createRestStreams(streams: Streams): RestStreams {
  const pulls = (): readonly Listed[] =>
    streams
      .list()
      // One that has ended is listed a while longer, but is no stream any more.
      .filter(({ state }) => state !== 'STOPPED')
      .map((pull) => ({
        stream: publishedStream(pull),
        id: pull.pullId,
        pullId: pull.pullId,
        metrics: (stats) => publishedMetrics(pull, stats),
        end: () => streams.terminate({ pullId: pull.pullId }),
      }));
  const viewers = (): readonly Listed[] =>
    streams.viewers().map((viewer) => ({
      stream: playedStream(viewer),
      id: viewer.viewerId,
      pullId: viewer.pullId,
      metrics: (stats) => playedMetrics(viewer, stats),
      end: () => streams.terminateViewer(viewer.viewerId),
    }));
  /** What WCS lists: a pull without media is not published yet. */
  const live = (): readonly Listed[] => [
    ...pulls().filter(({ stream }) => stream.status === 'PUBLISHING'),
    ...viewers(),
  ];

  return {
    async find(request, body) {
      const { display = [], ...filter } = readStreamFilter(request, body);
      const found = select(streams, live(), filter);
      return jsonReply(
        display.includes('metrics') ? await withMetrics(streams, found) : found.map(({ stream }) => stream),
      );
    },
    findAll: () => jsonReply(select(streams, live(), {}).map(({ stream }) => stream)),
    async terminate(request, body) {
      const { display: _, ...filter } = readStreamFilter(request, body);
      // In some versions of WCS an empty query stopped every stream, which is too dangerous.
      if (Object.values(filter).every((value) => value === undefined)) {
        throw new SluiceError('request.invalid', 'mediaSessionId, name or another filter is missing');
      }
      for (const { end } of select(streams, [...viewers(), ...pulls()], filter)) await end();
      return { status: 200 };
    },
    async snapshot(request, body) {
      const { bytes } = await streams.snapshot(readStreamName(request, body), { format: 'png', width: null });
      return jsonReply({ data: Buffer.from(await bytes()).toString('base64') });
    },
  };
}

/** Empty ones where the actor does not answer: the console of WCS reads them of each stream. */
async function withMetrics(streams: Streams, found: readonly Listed[]): Promise<readonly object[]> {
  const pullIds = [...new Set(found.map(({ pullId }) => pullId))];
  const answers = await Promise.allSettled(pullIds.map((pullId) => streams.stats(pullId)));
  const known = new Map(
    pullIds.flatMap((pullId, n) => {
      const answer = answers[n];
      return answer?.status === 'fulfilled' ? [[pullId, answer.value] as const] : [];
    }),
  );
  return found.map(({ stream, pullId, metrics }) => {
    const stats = known.get(pullId);
    return { ...stream, metrics: stats === undefined ? {} : metrics(stats) };
  });
}

/** Those that have all that the filter names. Error: stream.notFound when there is none. */
function select(
  streams: Streams,
  listed: readonly Listed[],
  filter: Omit<Partial<StreamFilter>, 'display'>,
): readonly Listed[] {
  const { mediaSessionIds, mediaSessionId, name, published, status, sessionId } = filter;
  // An address is listed without its secrets: what is listed is no name to go by.
  const named = name === undefined ? null : streams.named(name);
  const found = listed.filter(
    ({ stream, id }) =>
      (mediaSessionIds?.includes(stream.mediaSessionId) ?? true) &&
      (mediaSessionId === undefined || mediaSessionId === stream.mediaSessionId) &&
      (named?.has(id) ?? true) &&
      (published === undefined || published === stream.published) &&
      (status === undefined || status === stream.status) &&
      (sessionId === undefined || sessionId === stream.sessionId),
  );
  if (found.length === 0) throw new SluiceError('stream.notFound');
  return found;
}
