/** The table of all HTTP routes; every port serves all of them. */
import { monotonicMs } from '../clock.js';
import type { ClusterState } from '../cluster/cluster-state.js';
import type { Settings } from '../config/schema.js';
import { nodeCall } from '../core/cluster/node-call.js';
import type { LogLevels } from '../log-line.js';
import type { OrderedDrain } from '../supervisor/drain.js';
import type { Streams } from '../supervisor/streams.js';
import { createEvents } from './api-events.js';
import { createApiHandlers } from './api-handlers.js';
import { createApiRoutes } from './api-routes.js';
import { createWatches } from './api-watches.js';
import type { ConnectionAdmission } from './connection-admission.js';
import { isWcsPlaylist } from './hls.js';
import { type Handle, type HttpReply, type HttpRequest, jsonReply, textReply } from './http.js';
import { createLoadBalancer } from './load-balancer.js';
import type { LogTail } from './log-tail.js';
import { createMetrics } from './metrics.js';
import { createCallHandler, type NodePeers } from './node-peers.js';
import { createOpenApi } from './openapi.js';
import type { Tokens } from './playback-access.js';
import type { PlaybackGate } from './playback-gate.js';
import { playbackRequest } from './playback-request.js';
import { createPosters } from './posters.js';
import { createRecordedFiles } from './recorded-files.js';
import { createRestConnections } from './rest-connections.js';
import { createRestPulls } from './rest-pulls.js';
import { createRestRecordings } from './rest-recordings.js';
import { createRestStreams } from './rest-streams.js';
import type { Route, RouteAccess } from './router.js';
import { createStills, isStill, stillName } from './snapshot-reply.js';
import { asksForStatistics, createStatistics } from './statistics.js';
import type { Connections } from './wcs.js';
import { createWhep } from './whep.js';

interface RouteParts {
  readonly streams: Streams;
  readonly hls: Handle;
  readonly gate: PlaybackGate;
  readonly tokens: Tokens;
  readonly drain: OrderedDrain;
  readonly isDraining: () => boolean;
  readonly connections: Connections;
  readonly countSockets: () => number;
  /** How many ports there are for media; 0: any that are free. */
  readonly mediaPorts: number;
  /** False: viewers are let in by WCS signalling alone. */
  readonly allowsWhep: boolean;
  readonly admission: Pick<ConnectionAdmission, 'open' | 'refused'>;
  readonly settings: Settings;
  readonly logTail: LogTail;
  readonly logLevels: LogLevels;
  /** Of Sluice. */
  readonly version: string;
  /** That it is built from; empty: not known. */
  readonly commit: string;
  /** The built pages, see pages.ts. */
  readonly pages: readonly Route[];
  /** Null: this server is in none. */
  readonly cluster: ClusterState | null;
  readonly peers: NodePeers;
}

type NameOf = (request: HttpRequest) => string | Promise<string>;

const sdpLimitBytes = 131_072;
const jsonLimitBytes = 65_536;
/** An event of the largest size goes on to the node that owns the stream. */
const callLimitBytes = 2 * jsonLimitBytes;
/** The first is today's; older documents of WCS have the second, and the manual of its pull page prints the third. */
const pullPrefixes = ['/rest-api/pull/rtmp', '/rest-api/pull', '/rest-api/rtmp/pull'];

export function createRoutes(parts: RouteParts): readonly Route[] {
  const { streams, hls, isDraining, countSockets, mediaPorts, allowsWhep, admission, version, pages } = parts;
  const { drain, settings, logTail, logLevels, commit, gate, tokens, cluster, peers } = parts;
  const { maxStreams } = settings.metrics;
  const pulls = createRestPulls(streams, isDraining);
  const publishedStreams = createRestStreams(streams);
  const files = createRecordedFiles(streams, peers);
  const recordings = createRestRecordings(streams, files);
  const whep = createWhep({
    streams,
    gate,
    isDraining,
    allowsOffers: allowsWhep,
    iceServers: {
      urls: settings.webrtc.iceServers,
      secret: settings.webrtc.turnSecret,
      ttlS: settings.webrtc.turnTtlS,
    },
    nodeUrl: cluster?.httpUrl ?? '',
  });
  const statistics = createStatistics({ streams, countSockets, mediaPorts });
  const connections = createRestConnections(parts.connections, streams);

  const apiRoutes = createApiRoutes(
    createApiHandlers({
      streams,
      drain,
      settings,
      isDraining,
      logTail,
      logLevels,
      version,
      commit,
      tokens,
      cluster,
      peers,
      files,
    }),
    monotonicMs,
  );
  const openApi = jsonReply(createOpenApi(version, [...new Set(['/', ...pages.map(({ path }) => path)])]));

  const route = (
    access: RouteAccess,
    methods: string,
    path: string,
    handle: Handle,
    bodyLimitBytes: number,
  ): Route => ({
    methods: methods.split(' '),
    path,
    handle,
    bodyLimitBytes,
    access,
  });
  const open = (methods: string, path: string, handle: Handle, bodyLimitBytes = 0): Route =>
    route('open', methods, path, handle, bodyLimitBytes);
  const playback = (methods: string, path: string, handle: Handle, bodyLimitBytes = 0): Route =>
    route('playback', methods, path, handle, bodyLimitBytes);
  const read = (methods: string, path: string, handle: Handle): Route =>
    route('read', methods, path, handle, jsonLimitBytes);
  const control = (methods: string, path: string, handle: Handle): Route =>
    route('control', methods, path, handle, jsonLimitBytes);
  const orToken = (path: string, handle: Handle, what: 'still' | 'recording', nameOf: NameOf): Route => ({
    ...route('token', 'GET', path, handle, 0),
    async byToken(request, body) {
      await gate.glance(playbackRequest(request, what, await nameOf(request)));
      return handle(request, body);
    },
  });

  return [
    ...pullPrefixes.flatMap((prefix) => [
      control('POST', `${prefix}/pull`, pulls.pull),
      read('GET POST', `${prefix}/find_all`, pulls.findAll),
      control('POST', `${prefix}/terminate`, pulls.terminate),
    ]),
    read('GET POST', '/rest-api/stream/find', publishedStreams.find),
    read('GET POST', '/rest-api/stream/find_all', publishedStreams.findAll),
    control('POST', '/rest-api/stream/terminate', publishedStreams.terminate),
    read('POST', '/rest-api/stream/snapshot', publishedStreams.snapshot),
    control('POST', '/rest-api/stream/startRecording', recordings.start),
    control('POST', '/rest-api/stream/stopRecording', recordings.stop),
    control('POST', '/rest-api/recorder/startup', recordings.start),
    control('POST', '/rest-api/recorder/terminate', recordings.stop),
    read('GET POST', '/rest-api/recorder/find_all', recordings.findAll),
    control('POST', '/rest-api/stream/event/send', connections.sendEvent),
    read('GET POST', '/rest-api/connection/find', connections.find),
    read('GET POST', '/rest-api/connection/find_all', connections.findAll),
    control('POST', '/rest-api/connection/terminate', connections.terminate),
    control('POST', '/rest-api/connection/set_log_level', connections.setLogLevel),
    control('POST', '/rest-api/data/send', connections.sendData),

    read('GET', '/metrics', createMetrics({ streams, admission, version, commit, maxStreams, cluster })),
    read('GET', '/api/events', createEvents({ streams, logLevels, openWatch: createWatches(apiRoutes) })),
    { ...orToken('/api/streams/*', createStills(streams), 'still', stillName), when: isStill },
    orToken('/api/recordings/{id}/file', recordings.file, 'recording', recordings.streamName),
    orToken('/api/recordings/{id}/thumbnail.jpg', recordings.thumbnail, 'recording', recordings.streamName),
    ...apiRoutes,

    // A session is named by 128 random bits: who knows them is its viewer.
    open('POST', '/whep/session/{id}/report', whep, jsonLimitBytes),
    ...['/whep', '/whep/*'].flatMap((path) => [
      playback('POST', path, whep, sdpLimitBytes),
      open('GET HEAD PATCH DELETE OPTIONS', path, whep, sdpLimitBytes),
    ]),

    playback('GET', '/hls/*', hls),
    { ...playback('GET', '/*', hls), when: isWcsPlaylist },

    open('GET', '/openapi.json', () => openApi),
    playback('GET', '/poster/*', createPosters({ streams, gate, isOpen: allowsWhep, nowMs: monotonicMs })),
    { ...read('GET', '/', statistics), when: asksForStatistics },
    ...pages,
    open('POST', nodeCall.path, createCallHandler(peers.calls), callLimitBytes),
    open('GET', '/loadbalancer', createLoadBalancer({ cluster, ports: settings.server })),
    open('GET', '/healthz', () => textReply(200, 'ok\n')),
    open('GET', '/readyz', () => readiness(isDraining(), cluster)),
  ];
}

/** A node without its registry plays, and takes viewers: a balancer must not take all nodes out at once because Redis is gone. */
function readiness(isDraining: boolean, cluster: Pick<ClusterState, 'unreachableSinceMs'> | null): HttpReply {
  if (isDraining) return textReply(503, 'draining\n');
  return textReply(
    200,
    (cluster?.unreachableSinceMs ?? null) === null ? 'ok\n' : 'degraded: no answer from the registry\n',
  );
}
