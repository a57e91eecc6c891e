/** Who is served what: by the ports for everybody, and by that of control where it has its own. */
import type { Settings } from '../config/schema.js';
import { createAccess } from '../core/guard/access.js';
import { createClientReader } from '../core/guard/client.js';
import { createServing, type Route, type RoutedServing } from './router.js';

export type OnBug = (error: unknown, where: string) => void;

interface FaceOptions {
  readonly settings: Pick<Settings, 'server' | 'control'>;
  readonly bodyTimeoutMs: number;
  readonly nowMs: () => number;
  readonly onBug: OnBug;
}

export interface Faces {
  readonly plain: RoutedServing;
  readonly tls: RoutedServing;
  readonly control: RoutedServing;
}

export function createFaces(routes: readonly Route[], { settings, bodyTimeoutMs, nowMs, onBug }: FaceOptions): Faces {
  const { listen, loopback, allow, apiKeys, origins } = settings.control;
  const { trustedProxies, hstsMaxAgeS } = settings.server;
  const headers = { 'X-Content-Type-Options': 'nosniff' };
  const open = {
    routes: listen === '' ? routes : routes.filter((route) => route.access === 'open'),
    // Where a proxy is known to be, loopback may be that proxy.
    access: createAccess({ allow, apiKeys, origins, loopback: loopback && trustedProxies.length === 0 }),
    readClient: createClientReader(trustedProxies),
    headers,
    bodyTimeoutMs,
    nowMs,
    onBug,
  };
  const strict = hstsMaxAgeS === 0 ? headers : { ...headers, 'Strict-Transport-Security': `max-age=${hstsMaxAgeS}` };
  return {
    plain: createServing(open),
    tls: createServing({ ...open, headers: strict }),
    control: createServing({
      routes,
      access: createAccess({ allow, apiKeys, origins, loopback }),
      // No proxy is to pass anything on to this port.
      readClient: createClientReader([]),
      headers,
      bodyTimeoutMs,
      nowMs,
      onBug,
    }),
  };
}
