/** What each kind of port serves, and to whom: the ports for everybody, and the port of control where it has its own. */
import type { Settings } from '../config/schema.js';
import { createAccess } from '../core/guard/access.js';
import { parseApiKey } from '../core/guard/api-key.js';
import { createClientReader } from '../core/guard/client.js';
import { createRateLimit, type RateLimit } from '../core/guard/rate.js';
import type { HttpRequest } from './http.js';
import type { PlaybackGate } from './playback-gate.js';
import { createServing, type Route, type RoutedServing } from './router.js';

export type OnBug = (error: unknown, where: string) => void;

/** Of what is open to strangers, by client, at all ports; null: as many as they like. */
export type RequestLimit = Pick<RateLimit, 'take'> | null;

export const createRequestLimit = ({ requestsPerSecond }: Settings['server']): RequestLimit =>
  requestsPerSecond === 0 ? null : createRateLimit({ perMinute: 60 * requestsPerSecond, burst: 2 * requestsPerSecond });

export interface PortServingOptions {
  readonly settings: Pick<Settings, 'server' | 'control'>;
  readonly bodyTimeoutMs: number;
  readonly playback: Pick<PlaybackGate, 'corsOrigin'>;
  readonly requests: RequestLimit;
  readonly nowMs: () => number;
  readonly onControl: (by: string, route: Route, request: HttpRequest) => void;
  readonly onBug: OnBug;
}

export interface PortServings {
  readonly plain: RoutedServing;
  readonly tls: RoutedServing;
  readonly control: RoutedServing;
}

/** Nobody controls by a port that is for viewers alone. */
const nobody = createAccess({ allow: [], apiKeys: [], origins: [], loopback: false });

export function createPortServings(
  routes: readonly Route[],
  { settings, ...shared }: PortServingOptions,
): PortServings {
  const { listen, loopback, allow, origins } = settings.control;
  const { trustedProxies, hstsMaxAgeS } = settings.server;
  const apiKeys = settings.control.apiKeys.map(parseApiKey);
  const headers = { 'X-Content-Type-Options': 'nosniff' };
  const isApart = listen !== '';
  const open = {
    ...shared,
    routes: isApart ? routes.filter(({ access }) => ['open', 'playback', 'token'].includes(access)) : routes,
    // Where proxies are configured, loopback may be one of them.
    access: isApart
      ? nobody
      : createAccess({ allow, apiKeys, origins, loopback: loopback && trustedProxies.length === 0 }),
    readClient: createClientReader(trustedProxies),
    headers,
  };
  const strict = hstsMaxAgeS === 0 ? headers : { ...headers, 'Strict-Transport-Security': `max-age=${hstsMaxAgeS}` };
  return {
    plain: createServing(open),
    tls: createServing({ ...open, headers: strict }),
    control: createServing({
      ...shared,
      routes,
      access: createAccess({ allow, apiKeys, origins, loopback }),
      // No proxy is to pass anything on to this port.
      readClient: createClientReader([]),
      requests: null,
      headers,
    }),
  };
}
