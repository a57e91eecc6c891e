/** The table of all HTTP routes; every port serves all of them. */
import { monotonicMs } from '../clock.js';
import type { Settings } from '../config/schema.js';
import type { LogLevels } from '../log-line.js';
import type { OrderedDrain } from '../supervisor/drain.js';
import type { Streams } from '../supervisor/streams.js';
import { createEvents } from './api-events.js';
import { createApiHandlers } from './api-handlers.js';
import { createApiRoutes } from './api-routes.js';
import type { Arrivals } from './arrivals.js';
import { isWcsPlaylist } from './hls.js';
import { type Handle, jsonReply, textReply } from './http.js';
import type { LogTail } from './log-tail.js';
import { createMetrics } from './metrics.js';
import { createOpenApi } from './openapi.js';
import { createPosters } from './posters.js';
import { createRestConnections } from './rest-connections.js';
import { createRestPulls } from './rest-pulls.js';
import { createRestRecordings } from './rest-recordings.js';
import { createRestStreams } from './rest-streams.js';
import type { Route } from './router.js';
import { createStills, isStill } from './snapshot-reply.js';
import { asksForStatistics, createStatistics } from './statistics.js';
import type { Connections } from './wcs.js';
import { createWhep } from './whep.js';

interface RouteParts {
  readonly streams: Streams;
  readonly hls: Handle;
  readonly drain: OrderedDrain;
  readonly isDraining: () => boolean;
  readonly connections: Connections;
  readonly countSockets: () => number;
  /** How many ports there are for media; 0: any that are free. */
  readonly mediaPorts: number;
  /** False: viewers are let in by WCS signalling alone. */
  readonly allowsWhep: boolean;
  readonly arrivals: Pick<Arrivals, 'open' | 'refused'>;
  readonly settings: Settings;
  readonly logTail: LogTail;
  readonly logLevels: LogLevels;
  /** Of Sluice. */
  readonly version: string;
  /** That it is built from; empty: not known. */
  readonly commit: string;
  /** The built pages, see pages.ts. */
  readonly pages: readonly Route[];
}

const sdpLimitBytes = 131_072;
const jsonLimitBytes = 65_536;
/** The first is today's; older documents of WCS have the second, and the manual of its pull page prints the third. */
const pullPrefixes = ['/rest-api/pull/rtmp', '/rest-api/pull', '/rest-api/rtmp/pull'];

export function createRoutes(parts: RouteParts): readonly Route[] {
  const { streams, hls, isDraining, countSockets, mediaPorts, allowsWhep, arrivals, version, pages } = parts;
  const { drain, settings, logTail, logLevels, commit } = parts;
  const { maxStreams } = settings.metrics;
  const pulls = createRestPulls(streams, isDraining);
  const publishedStreams = createRestStreams(streams);
  const recordings = createRestRecordings(streams);
  const whep = createWhep({
    streams,
    isDraining,
    allowsOffers: allowsWhep,
    iceServers: {
      urls: settings.webrtc.iceServers,
      secret: settings.webrtc.turnSecret,
      ttlS: settings.webrtc.turnTtlS,
    },
  });
  const statistics = createStatistics({ streams, countSockets, mediaPorts });
  const connections = createRestConnections(parts.connections, streams);

  const openApi = createOpenApi(version, [...new Set(['/', ...pages.map(({ path }) => path)])]);

  const open = (methods: string, path: string, handle: Handle, bodyLimitBytes = 0): Route => ({
    methods: methods.split(' '),
    path,
    handle,
    bodyLimitBytes,
    access: 'open',
  });
  const control = (methods: string, path: string, handle: Handle): Route => ({
    methods: methods.split(' '),
    path,
    handle,
    access: 'control',
    bodyLimitBytes: jsonLimitBytes,
  });

  return [
    ...pullPrefixes.flatMap((prefix) => [
      control('POST', `${prefix}/pull`, pulls.pull),
      control('GET POST', `${prefix}/find_all`, pulls.findAll),
      control('POST', `${prefix}/terminate`, pulls.terminate),
    ]),
    control('GET POST', '/rest-api/stream/find', publishedStreams.find),
    control('GET POST', '/rest-api/stream/find_all', publishedStreams.findAll),
    control('POST', '/rest-api/stream/terminate', publishedStreams.terminate),
    control('POST', '/rest-api/stream/snapshot', publishedStreams.snapshot),
    control('POST', '/rest-api/stream/startRecording', recordings.start),
    control('POST', '/rest-api/stream/stopRecording', recordings.stop),
    control('POST', '/rest-api/recorder/startup', recordings.start),
    control('POST', '/rest-api/recorder/terminate', recordings.stop),
    control('GET POST', '/rest-api/recorder/find_all', recordings.findAll),
    control('POST', '/rest-api/stream/event/send', connections.sendEvent),
    control('GET POST', '/rest-api/connection/find', connections.find),
    control('GET POST', '/rest-api/connection/find_all', connections.findAll),
    control('POST', '/rest-api/connection/terminate', connections.terminate),
    control('POST', '/rest-api/connection/set_log_level', connections.setLogLevel),
    control('POST', '/rest-api/data/send', connections.sendData),

    control('GET', '/metrics', createMetrics({ streams, arrivals, version, commit, maxStreams })),
    control('GET', '/api/events', createEvents(streams, logLevels)),
    { ...control('GET', '/api/streams/*', createStills(streams)), when: isStill },
    control('GET', '/api/recordings/{id}/file', recordings.file),
    control('GET', '/api/recordings/{id}/thumbnail.jpg', recordings.thumbnail),
    ...createApiRoutes(
      createApiHandlers({ streams, drain, settings, isDraining, logTail, logLevels, version, commit }),
      monotonicMs,
    ),

    open('POST GET HEAD PATCH DELETE OPTIONS', '/whep', whep, sdpLimitBytes),
    open('POST GET HEAD PATCH DELETE OPTIONS', '/whep/*', whep, sdpLimitBytes),

    open('GET', '/hls/*', hls),
    { ...open('GET', '/*', hls), when: isWcsPlaylist },

    open('GET', '/openapi.json', () => jsonReply(openApi)),
    open('GET', '/poster/*', createPosters({ streams, isOpen: allowsWhep, nowMs: monotonicMs })),
    { ...control('GET', '/', statistics), when: asksForStatistics },
    ...pages,
    open('GET', '/healthz', () => textReply(200, 'ok\n')),
    open('GET', '/readyz', () => (isDraining() ? textReply(503, 'draining\n') : textReply(200, 'ok\n'))),
  ];
}
