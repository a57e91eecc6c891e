/** HTTP and WebSocket: REST, WHEP, WCS signalling and the pages, all of them on every port; control may have its own. */

import type { TemplatedApp } from 'uWebSockets.js';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { monotonicMs as nowMs } from '../clock.js';
import type { Settings } from '../config/schema.js';
import { createQuota } from '../core/guard/quota.js';
import { stackOf } from '../errors.js';
import type { Logger } from '../log-line.js';
import { type CertificateWatch, watchCertificate } from './certificate-watch.js';
import { type ConnectionAdmission, createConnectionAdmission, type PortKind } from './connection-admission.js';
import { createHooks } from './hooks.js';
import { type MseServing, serveMse } from './mse-sockets.js';
import type { PlaybackGate } from './playback-gate.js';
import {
  createPortServings,
  createRequestLimit,
  type OnBug,
  type PortServingOptions,
  type PortServings,
  type RequestLimit,
} from './port-servings.js';
import { type Apps, createApps, createTlsApp, openPorts, type Ports } from './ports.js';
import { type Serving, serve } from './reply.js';
import type { Route } from './router.js';
import { createServices, type ServiceOptions } from './services.js';
import { type SocketServing, serveSockets } from './sockets.js';

export interface ServerOptions extends ServiceOptions {
  /** For the body of a request; default 10,000. */
  readonly bodyTimeoutMs?: number;
  /** Replace routes, or the handlers of sockets; tests make them throw. */
  readonly wrapRoutes?: (routes: readonly Route[]) => readonly Route[];
  readonly wrapSockets?: (serving: SocketServing) => SocketServing;
}

export interface Server {
  readonly restPort: number;
  readonly wsPort: number;
  /** Null without a certificate. */
  readonly restTlsPort: number | null;
  readonly wsTlsPort: number | null;
  /** Null unless they are configured. */
  readonly oldRestPort: number | null;
  readonly oldRestTlsPort: number | null;
  /** Null where control has no TCP port of its own. */
  readonly controlPort: number | null;
  /** The gate for those who do not come by HTTP or WebSocket. */
  readonly gate: Pick<PlaybackGate, 'glance'>;
  /** New pulls and viewers are answered 503 from now on, or served again. */
  refuse(isRefused: boolean): void;
  /** Looks for another certificate in its files, as it does by itself every ten seconds. */
  reloadCertificate(): Promise<void>;
  close(): Promise<void>;
}

const certificateEveryMs = 10_000;
const defaultBodyTimeoutMs = 10_000;
/** For the replies in flight when the server closes. */
const closeGraceMs = 1000;

/** Error: config.invalid for a port that is in use, or a certificate that cannot be read. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { settings, log } = options;
  let isDraining = false;
  const apps = createApps(settings);
  const admission = createConnectionAdmission({ settings, log, nowMs });
  const served = serveOn(apps, options, admission, () => isDraining);
  let ports: Ports;
  try {
    ports = openPorts(settings, apps);
  } catch (error) {
    await served.end();
    throw error;
  }
  admission.listening(new Set(Object.values(ports).flatMap((opened) => (opened === null ? [] : [opened.port]))));
  const numbers = {
    restPort: ports.rest.port,
    wsPort: ports.ws.port,
    restTlsPort: ports.restTls?.port ?? null,
    wsTlsPort: ports.wsTls?.port ?? null,
    oldRestPort: ports.oldRest?.port ?? null,
    oldRestTlsPort: ports.oldRestTls?.port ?? null,
  };
  log('info', 'server.listening', { host: settings.server.host, ...numbers });
  const controlPort = ports.control?.port ?? null;
  if (ports.control !== null) log('info', 'control.listening', { at: settings.control.listen, port: controlPort });

  const certificate = await watchTls(settings, log, ports, served);
  const close = async (): Promise<void> => {
    isDraining = true;
    certificate?.close();
    for (const port of new Set(Object.values(ports))) port?.close();
    await served.idle(closeGraceMs);
    // uWebSockets.js writes a reply when its callback has returned: the app must not be closed before.
    await nextTurn();
    await served.end();
  };
  // Closing a port twice crashes the process.
  let closing: Promise<void> | null = null;
  return {
    ...numbers,
    controlPort,
    gate: served.gate,
    refuse(isRefused) {
      isDraining = isRefused;
    },
    async reloadCertificate() {
      await certificate?.check();
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Null without TLS. */
async function watchTls(
  settings: Settings,
  log: Logger,
  ports: Ports,
  served: Served,
): Promise<CertificateWatch | null> {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile } = settings.server;
  if (certFile === '') return null;
  const onChanged = (): void => {
    const app = createTlsApp(certFile, keyFile);
    served.attachTls(app);
    for (const port of new Set([ports.restTls, ports.wsTls, ports.oldRestTls, ports.hlsTls])) port?.moveTo(app);
  };
  return watchCertificate({ certFile, keyFile, everyMs: certificateEveryMs, onChanged, log });
}

interface Served {
  readonly gate: Pick<PlaybackGate, 'glance'>;
  /** Another app, with another certificate, serves the same. */
  attachTls(app: TemplatedApp): void;
  /** Resolves when no request is in flight, after `graceMs` at the latest. */
  idle(graceMs: number): Promise<void>;
  /** Closes every socket and stops the timers; resolves when the back ends know. */
  end(): Promise<void>;
}

const socketsQuota = ({ server: { maxSockets: max, maxSocketsPerClient: maxPerClient } }: Settings) =>
  createQuota({ max, maxPerClient });

/** Puts routes and sockets on the apps; no port is open yet. */
function serveOn(
  apps: Apps,
  options: ServerOptions,
  admission: ConnectionAdmission,
  isDraining: () => boolean,
): Served {
  const { settings, log, wrapRoutes = (routes) => routes, wrapSockets = (sockets) => sockets } = options;
  const onBug: OnBug = (error, where) => log('error', 'server.bug', { where, error: stackOf(error) });
  const hooks = createHooks(settings);
  const requests = createRequestLimit(settings.server);
  const { signalling, playback, routes, gate } = createServices(options, { hooks, admission, requests, isDraining });
  const servings = portServingsOf(wrapRoutes(routes), options, gate, requests, onBug);
  const failed = (error: unknown): void => onBug(error, 'socket');
  const quota = socketsQuota(settings);
  const { readClient } = servings.plain;
  const sockets = wrapSockets({ readClient, quota, accepts: () => !isDraining(), open: signalling.open, failed });
  const mse: MseServing = { ...playback.mse, readClient, failed };
  const serveStrangers = (app: TemplatedApp, serving: Serving, kind: PortKind): void => {
    admission.watch(app, kind);
    serveMse(app, mse);
    serveSockets(app, sockets);
    serveAll(app, serving);
  };
  serveStrangers(apps.plain, servings.plain, 'plain');
  const tlsApps: TemplatedApp[] = [];
  const attachTls = (app: TemplatedApp): void => {
    serveStrangers(app, servings.tls, 'tls');
    tlsApps.push(app);
  };
  if (apps.tls !== null) attachTls(apps.tls);
  if (apps.control !== null) {
    admission.watch(apps.control, 'control');
    serveAll(apps.control, servings.control);
  }
  return {
    gate,
    attachTls,
    async idle(graceMs) {
      await Promise.all(Object.values(servings).map((serving) => serving.idle(graceMs)));
    },
    async end() {
      signalling.close();
      playback.close();
      for (const app of [apps.plain, ...tlsApps, apps.control]) app?.close();
      await Promise.all([hooks?.client.close(closeGraceMs), gate.close()]);
    },
  };
}

function portServingsOf(
  routes: readonly Route[],
  { settings, log, bodyTimeoutMs = defaultBodyTimeoutMs }: ServerOptions,
  playback: PlaybackGate,
  requests: RequestLimit,
  onBug: OnBug,
): PortServings {
  const onControl: PortServingOptions['onControl'] = (by, { path }, { method, client }) =>
    log('info', 'control.called', { by, call: `${method} ${path}`, clientIp: client.ip });
  return createPortServings(routes, { settings, bodyTimeoutMs, playback, requests, nowMs, onControl, onBug });
}

function serveAll(app: TemplatedApp, serving: Serving): void {
  app.any('/*', (response, request) => serve(response, request, serving));
}
