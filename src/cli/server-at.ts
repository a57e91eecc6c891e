/** The server that a command asks: that of the configuration on this machine, or the one at an address. */

import type { Settings } from '../config/schema.js';
import { parseControlListen } from '../core/guard/control-listen.js';
import { SluiceError } from '../errors.js';
import { type ApiClient, createApiClient } from '../web/api-client.js';
import { HttpRefusal } from '../web/http-refusal.js';

/** Error: config.invalid where control is at a unix socket. */
export function serverAt(at: URL | null, settings: Pick<Settings, 'server' | 'control'>, key = ''): ApiClient {
  return createApiClient(at ?? ownAddress(settings), () => key);
}

/** Null: it is no refusal of a server, or of our own. */
export function refusalWords(error: unknown): string | null {
  if (error instanceof SluiceError) return error.message;
  if (!(error instanceof HttpRefusal)) return null;
  if (error.status === 0) return `${error.message}. Is it running? --at URL asks another server.`;
  return error.status === 401 ? `${error.message}. The key is read from SLUICE_API_KEY.` : error.message;
}

function ownAddress({ server, control }: Pick<Settings, 'server' | 'control'>): URL {
  const own = parseControlListen(control.listen);
  if (own?.kind === 'unix') {
    throw new SluiceError('config.invalid', `control is at ${own.path}: curl --unix-socket asks there`);
  }
  const { host, port } = own ?? { host: server.host, port: server.restPort };
  return new URL(`http://${reachable(host)}:${port}/`);
}

/** What stands for every address of the machine is none to connect to. */
export function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
