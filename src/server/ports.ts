/** Opens the ports. One uWebSockets.js app may listen on several. */

import uWS, { type TemplatedApp, type us_listen_socket } from 'uWebSockets.js';
import { rmSync } from 'node:fs';
import type { Settings } from '../config/schema.js';
import { SluiceError } from '../errors.js';

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

export interface OpenPort {
  /** The bound port, also where 0 asked for any free one. */
  readonly port: number;
  /** From now on whoever connects is served by this app; those who are connected stay where they are. Error: as of `openPort`. */
  moveTo(app: TemplatedApp): void;
  close(): void;
}

/** `key`: the setting of the port. Error: config.invalid when it cannot be bound. */
export function openPort(app: TemplatedApp, host: string, port: number, key: string): OpenPort {
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
export function openUnixSocket(app: TemplatedApp, path: string, key: string): Omit<OpenPort, 'moveTo'> {
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

export function createTlsApp(certFile: string, keyFile: string): TemplatedApp {
  try {
    return uWS.SSLApp({ cert_file_name: certFile, key_file_name: keyFile });
  } catch {
    throw new SluiceError(
      'config.invalid',
      'server.tlsCertFile, server.tlsKeyFile: not a certificate and its key (PEM)',
    );
  }
}
