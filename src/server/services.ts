/** What is served at each port: signalling, playback, and the routes. */
import { monotonicMs as nowMs } from '../clock.js';
import type { Peers } from '../cluster/cluster.js';
import type { ClusterState } from '../cluster/cluster-state.js';
import type { Settings } from '../config/schema.js';
import type { Logger, LogLevels } from '../log-line.js';
import type { OrderedDrain } from '../supervisor/drain.js';
import type { Streams } from '../supervisor/streams.js';
import type { ConnectionAdmission } from './connection-admission.js';
import type { Hooks } from './hooks.js';
import type { LogTail } from './log-tail.js';
import { createPageRoutes } from './pages.js';
import { createPlayback } from './playback.js';
import { createPlaybackAccess, type RevocationFile } from './playback-access.js';
import type { RequestLimit } from './port-servings.js';
import { createRoutes } from './routes.js';
import { createSignalling } from './wcs.js';

export interface ServiceOptions {
  readonly settings: Settings;
  readonly streams: Streams;
  readonly drain: OrderedDrain;
  readonly log: Logger;
  readonly logTail: LogTail;
  readonly logLevels: LogLevels;
  /** Of Sluice. */
  readonly version: string;
  /** That it is built from; empty: not known. */
  readonly commit: string;
  /** The built pages, .build/dist/web. */
  readonly webFolder: URL | string;
  /** Absent: revoked tokens are kept in memory alone. */
  readonly revocations?: RevocationFile;
  /** Absent: this server is in none. */
  readonly cluster?: ClusterState | undefined;
  /** Absent: there are no other nodes. */
  readonly peers?: Peers | undefined;
}

interface ServiceParts {
  readonly hooks: Hooks | null;
  readonly admission: ConnectionAdmission;
  readonly requests: RequestLimit;
  readonly isDraining: () => boolean;
}

export function createServices(
  {
    settings,
    streams,
    drain,
    log,
    logTail,
    logLevels,
    version,
    commit,
    webFolder,
    revocations,
    cluster,
    peers,
  }: ServiceOptions,
  { hooks, admission, requests, isDraining }: ServiceParts,
) {
  const { playerServers, frameAncestors } = settings.server;
  const { startTimeoutMs, maxPerSession: maxPlays } = settings.viewers;
  const { gate, tokens } = createPlaybackAccess({
    settings,
    revocations: revocations ?? null,
    peers: peers ?? null,
  });
  const { portMin, portMax, singlePort } = settings.webrtc;
  const allowsWhep = hooks === null || settings.hooks.allowWhep;
  const playback = createPlayback({ streams, settings, gate, log, isDraining, allowsPlayers: allowsWhep });
  const { packets, backlog } = playback;
  const signalling = createSignalling({
    streams,
    packets,
    backlog,
    gate,
    log,
    startTimeoutMs,
    maxPlays,
    hooks,
    requests,
    nowMs,
    isDraining,
  });
  const routes = createRoutes({
    streams,
    hls: playback.hls,
    gate,
    tokens,
    drain,
    isDraining,
    connections: signalling,
    countSockets: signalling.count,
    mediaPorts: portMax === 0 || singlePort > 0 ? 0 : portMax - portMin + 1,
    allowsWhep,
    admission,
    settings,
    logTail,
    logLevels,
    version,
    commit,
    cluster: cluster ?? null,
    peers: { name: cluster?.name ?? null, calls: peers?.calls ?? null },
    pages: createPageRoutes({
      webFolder,
      playerServers,
      nodeUrls: () => cluster?.view().nodes.map(({ addresses }) => addresses.http) ?? [],
      frameAncestors,
      playerOrigins: settings.playback.origins,
    }),
  });
  return { signalling, playback, routes, gate };
}
