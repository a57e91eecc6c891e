/** The table of all HTTP routes; every port serves all of them. */
import type { OrderedDrain } from '../supervisor/drain.js';
import type { Streams } from '../supervisor/streams.js';
import { createApi } from './api.js';
import type { Arrivals } from './arrivals.js';
import { showHome } from './home.js';
import { type Handle, textReply } from './http.js';
import { createMetrics } from './metrics.js';
import { createRestConnections } from './rest-connections.js';
import { createRestPulls } from './rest-pulls.js';
import { createRestStreams } from './rest-streams.js';
import type { Route } from './router.js';
import { asksForStatistics, createStatistics } from './statistics.js';
import type { Connections } from './wcs.js';
import { createWhep } from './whep.js';

interface RouteParts {
  readonly streams: Streams;
  readonly drain: OrderedDrain;
  readonly isDraining: () => boolean;
  readonly connections: Connections;
  readonly countSockets: () => number;
  /** How many ports there are for media; 0: any that are free. */
  readonly mediaPorts: number;
  /** False: viewers are let in by WCS signalling alone. */
  readonly allowsWhep: boolean;
  readonly arrivals: Pick<Arrivals, 'open' | 'refused'>;
  /** Of Sluice. */
  readonly version: string;
  /** The built pages, see pages.ts. */
  readonly pages: readonly Route[];
}

const sdpLimitBytes = 131_072;
const jsonLimitBytes = 65_536;
/** The first is today's; older documents of WCS have the second, and the manual of its pull page prints the third. */
const pullPrefixes = ['/rest-api/pull/rtmp', '/rest-api/pull', '/rest-api/rtmp/pull'];

export function createRoutes(parts: RouteParts): readonly Route[] {
  const { streams, isDraining, countSockets, mediaPorts, allowsWhep, arrivals, version, pages } = parts;
  const pulls = createRestPulls(streams, isDraining);
  const publishedStreams = createRestStreams(streams);
  const api = createApi(streams, parts.drain);
  const whep = createWhep({ streams, isDraining, allowsOffers: allowsWhep });
  const statistics = createStatistics({ streams, countSockets, mediaPorts });
  const connections = createRestConnections(parts.connections, streams);

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
    control('POST', '/rest-api/stream/event/send', connections.sendEvent),
    control('GET POST', '/rest-api/connection/find', connections.find),
    control('GET POST', '/rest-api/connection/find_all', connections.findAll),
    control('POST', '/rest-api/connection/terminate', connections.terminate),
    control('POST', '/rest-api/connection/set_log_level', connections.setLogLevel),
    control('POST', '/rest-api/data/send', connections.sendData),

    control('GET', '/metrics', createMetrics(streams, arrivals, version)),
    control('GET', '/api/streams', api.streams),
    control('GET', '/api/streams/*', api.stream),
    control('POST', '/api/streams/*', api.restart),
    control('GET', '/api/supervision', api.supervision),
    control('POST', '/api/fault', api.fault),
    control('GET POST DELETE', '/api/drain', api.drain),

    open('POST GET HEAD PATCH DELETE OPTIONS', '/whep', whep, sdpLimitBytes),
    open('POST GET HEAD PATCH DELETE OPTIONS', '/whep/*', whep, sdpLimitBytes),

    ...pages,
    { ...control('GET', '/', statistics), when: asksForStatistics },
    open('GET', '/', showHome),
    open('GET', '/healthz', () => textReply(200, 'ok\n')),
    open('GET', '/readyz', () => (isDraining() ? textReply(503, 'draining\n') : textReply(200, 'ok\n'))),
  ];
}
