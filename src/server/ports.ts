/** Opens the ports. One uWebSockets.js app may listen on several. */

import uWS, { type TemplatedApp, type us_listen_socket } from 'uWebSockets.js';
import { rmSync } from 'node:fs';
import type { Settings } from '../config/schema.js';
import { parseControlListen } from '../core/guard/control-listen.js';
import { SluiceError } from '../errors.js';
import { readCertificate } from './certificate-pair.js';

declare module 'uWebSockets.js' {
  // The binary has this overload and this constant; its types lack them.
  interface TemplatedApp {
    listen(
      host: RecognizedString,
      port: number,
      options: number,
      cb: (listenSocket: us_listen_socket | false) => void,
    ): TemplatedApp;
  }
  const LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}

interface OpenPort {
  /** The bound port, also where 0 asked for any free one. */
  readonly port: number;
  /** From now on whoever connects is served by this app; those who are connected stay where they are. Error: as of `openPort`. */
  moveTo(app: TemplatedApp): void;
  close(): void;
}

/** `key`: the setting of the port. Error: config.invalid when it cannot be bound. */
function openPort(app: TemplatedApp, host: string, port: number, key: string): OpenPort {
  let socket: us_listen_socket | null = listen(app, host, port, key);
  const bound = uWS.us_socket_local_port(socket);
  const close = (): void => {
    // Closing it twice crashes the process.
    if (socket !== null) uWS.us_listen_socket_close(socket);
    socket = null;
  };
  return {
    port: bound,
    moveTo(next) {
      close();
      socket = listen(next, host, bound, key);
    },
    close,
  };
}

function listen(app: TemplatedApp, host: string, port: number, key: string): us_listen_socket {
  let opened: us_listen_socket | false = false;
  // Without the exclusive option (SO_REUSEPORT) a second server could bind the port too, and take half of the connections.
  app.listen(host, port, uWS.LIBUS_LISTEN_EXCLUSIVE_PORT, (socket) => {
    opened = socket;
  });
  const socket: us_listen_socket | false = opened;
  if (socket === false) {
    throw new SluiceError('config.invalid', `${key}: port ${port} of ${host} is in use, or may not be opened`);
  }
  return socket;
}

/** Only the user of this process may connect to the socket. Error: config.invalid when it cannot be made. */
function openUnixSocket(app: TemplatedApp, path: string, key: string): Omit<OpenPort, 'moveTo'> {
  let opened: us_listen_socket | false = false;
  app.listen_unix((socket) => {
    opened = socket;
  }, path);
  const socket: us_listen_socket | false = opened;
  if (socket === false) throw new SluiceError('config.invalid', `${key}: the socket cannot be made at this path`);
  const close = (): void => {
    uWS.us_listen_socket_close(socket);
    rmSync(path, { force: true });
  };
  return { port: 0, close };
}

export interface Apps {
  readonly plain: TemplatedApp;
  /** Null without a certificate. */
  readonly tls: TemplatedApp | null;
  /** Null where control has no port of its own. */
  readonly control: TemplatedApp | null;
}

/** Error: config.invalid when the certificate or its key cannot be read. */
export function createApps({ server, control }: Pick<Settings, 'server' | 'control'>): Apps {
  const { tlsCertFile, tlsKeyFile } = server;
  return {
    plain: uWS.App(),
    tls: tlsCertFile === '' ? null : createTlsApp(tlsCertFile, tlsKeyFile),
    control: control.listen === '' ? null : uWS.App(),
  };
}

/** Error: config.invalid. */
export function createTlsApp(certFile: string, keyFile: string): TemplatedApp {
  readCertificate(certFile, keyFile);
  try {
    return uWS.SSLApp({ cert_file_name: certFile, key_file_name: keyFile });
  } catch {
    throw new SluiceError(
      'config.invalid',
      'server.tlsCertFile, server.tlsKeyFile: not a certificate and its key (PEM)',
    );
  }
}

export interface Ports {
  readonly rest: OpenPort;
  readonly ws: OpenPort;
  readonly restTls: OpenPort | null;
  readonly wsTls: OpenPort | null;
  readonly oldRest: OpenPort | null;
  readonly oldRestTls: OpenPort | null;
  readonly hls: OpenPort | null;
  readonly hlsTls: OpenPort | null;
  readonly control: Pick<OpenPort, 'port' | 'close'> | null;
}

/** Those of the configuration. Error: as of `openPort`. */
export function openPorts({ server, control }: Settings, apps: Apps): Ports {
  const { host, restPort, wsPort, restTlsPort, wsTlsPort, oldRestPort, oldRestTlsPort, hlsPort, hlsTlsPort } = server;
  const ownControl = openControlPort(control.listen, apps.control);
  const rest = openPort(apps.plain, host, restPort, 'server.restPort');
  // REST and signalling may share a port: each serves all routes.
  const ws = wsPort === restPort && wsPort !== 0 ? rest : openPort(apps.plain, host, wsPort, 'server.wsPort');
  const oldRest = oldRestPort === 0 ? null : openPort(apps.plain, host, oldRestPort, 'server.oldRestPort');
  const hls = hlsPort === 0 ? null : openPort(apps.plain, host, hlsPort, 'server.hlsPort');
  const always = { rest, ws, oldRest, hls, control: ownControl };
  if (apps.tls === null) return { ...always, restTls: null, wsTls: null, oldRestTls: null, hlsTls: null };
  const restTls = openPort(apps.tls, host, restTlsPort, 'server.restTlsPort');
  const isOneTlsPort = wsTlsPort === restTlsPort && wsTlsPort !== 0;
  const wsTls = isOneTlsPort ? restTls : openPort(apps.tls, host, wsTlsPort, 'server.wsTlsPort');
  const oldRestTls = oldRestTlsPort === 0 ? null : openPort(apps.tls, host, oldRestTlsPort, 'server.oldRestTlsPort');
  const hlsTls = hlsTlsPort === 0 ? null : openPort(apps.tls, host, hlsTlsPort, 'server.hlsTlsPort');
  return { ...always, restTls, wsTls, oldRestTls, hlsTls };
}

function openControlPort(listen: string, app: Apps['control']): Ports['control'] {
  const at = parseControlListen(listen);
  if (app === null || at === null) return null;
  if (at.kind === 'unix') return openUnixSocket(app, at.path, 'control.listen');
  return openPort(app, at.host, at.port, 'control.listen');
}
