/** Finds the route of a request: path, method, access, CORS. The table of routes is routes.ts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Access } from '../core/guard/access.js';
import type { ReadClient } from '../core/guard/client.js';
import { clientKey } from '../core/guard/ip-address.js';
import type { RateLimit } from '../core/guard/rate.js';
import type { Scope } from '../core/guard/scope.js';
import { SluiceError } from '../errors.js';
import type { Handle, HttpReply, HttpRequest } from './http.js';
import type { PlaybackGate } from './playback-gate.js';
import { tokenOf } from './playback-request.js';
import { refusalOf, refuse } from './refusal.js';
import type { Serving, Work } from './reply.js';

/**
 * `open`: anyone, from any page. `playback`: who may play (playback-gate.ts), whom the handler asks for. `token`: who has the scope
 * `read`, or a playback token. A scope: who controls (core/guard/access.ts).
 */
export type RouteAccess = 'open' | 'playback' | 'token' | Scope;

export interface Route {
  /** GET answers HEAD too, unless HEAD is listed. */
  readonly methods: readonly string[];
  /** Exact, with `{id}` for one segment, or a prefix when it ends in "/*". */
  readonly path: string;
  readonly access: RouteAccess;
  readonly bodyLimitBytes: number;
  readonly handle: Handle;
  /** Of `token`, for who brings one. */
  readonly byToken?: Handle;
  /** Selects among requests of this path; default: all. */
  readonly when?: (request: HttpRequest) => boolean;
}

interface RouterParts {
  readonly routes: readonly Route[];
  readonly access: Access;
  readonly playback: Pick<PlaybackGate, 'corsOrigin'>;
  readonly readClient: ReadClient;
  /** Of every reply. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyTimeoutMs: number;
  /** Of what is open to strangers, by client; null: as many as they like. */
  readonly requests: Pick<RateLimit, 'take'> | null;
  readonly nowMs: () => number;
  /** Called when somebody with an API key that has a name does more than read. */
  readonly onControl: (by: string, route: Route, request: HttpRequest) => void;
  /** Called for errors without a row, which are bugs. */
  readonly onBug: (error: unknown, path: string) => void;
}

/** A JSON Web Token: its header is base64url of `{"`. */
const webToken = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;
const preflightSeconds = '600';
const acceptedHeaders = 'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Api-Key';
const exposedHeaders = 'Location, ETag, Link, Retry-After';
/** What a preflight of an unknown path is told: the call that follows it gets the 404. */
const unknownPathMethods = 'GET, HEAD, POST, OPTIONS';

export interface RoutedServing extends Serving {
  /** Resolves when no request is in flight, after `graceMs` at the latest. */
  idle(graceMs: number): Promise<void>;
}

export function createServing({
  routes,
  access,
  playback,
  readClient,
  headers: common,
  bodyTimeoutMs,
  requests,
  nowMs,
  onControl,
  onBug,
}: RouterParts): RoutedServing {
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  const matchers = routes.map((route) => ({ route, isAt: matcherOf(route.path) }));
  const routesAt = (request: HttpRequest): readonly Route[] =>
    matchers
      .filter(({ route: { when }, isAt }) => isAt(request.path) && (when === undefined || when(request)))
      .map(({ route }) => route);

  const find = (request: HttpRequest): Work => {
    const found = routesAt(request);
    if (found.length === 0) {
      if (isPreflight(request)) return { bodyLimitBytes: 0, handle: () => ({ status: 204 }) };
      throw new SluiceError('route.notFound');
    }
    const route = found.find(({ methods }) => methods.includes(request.method)) ?? implicitRoute(request, found);
    if (route === undefined) throw new SluiceError('route.methodNotAllowed', `this path accepts ${methodsOf(found)}`);
    // A CORS preflight has no credentials, and its answer gives no access.
    return request.method === 'OPTIONS' ? route : admit(route, request);
  };

  const admit = (route: Route, request: HttpRequest): Work => {
    const { access: asked, byToken } = route;
    const isForStrangers = asked === 'open' || asked === 'playback' || asked === 'token';
    if (isForStrangers && requests?.take(clientKey(request.client.ip), nowMs()) === false) {
      throw new SluiceError('request.tooMany');
    }
    if (asked === 'open' || asked === 'playback') return route;
    if (byToken !== undefined && webToken.test(tokenOf(request))) return { bodyLimitBytes: 0, handle: byToken };
    const needed = asked === 'token' ? 'read' : asked;
    const decision = access.decide(request, needed, nowMs());
    if (decision.kind === 'refuse') throw new SluiceError(decision.code, decision.detail);
    if (needed !== 'read' && decision.by !== '') onControl(decision.by, route, request);
    return route;
  };

  /** The origin that CORS names; null: none. */
  const corsOrigin = (request: HttpRequest, found: readonly Route[]): string | null => {
    const accesses = new Set(found.map((route) => route.access));
    const byPlayback = playback.corsOrigin(request.header('origin'), request.header('host'));
    if (accesses.size === 0) return access.allowedOrigin(request);
    if ([...accesses].every((one) => one === 'open')) return '*';
    if ([...accesses].every((one) => one === 'open' || one === 'playback')) return byPlayback;
    return access.allowedOrigin(request) ?? (accesses.has('token') ? byPlayback : null);
  };

  const cors = (request: HttpRequest, found: readonly Route[]): Record<string, string> => {
    const origin = corsOrigin(request, found);
    if (origin === null) return { Vary: 'Origin' };
    return {
      'Access-Control-Allow-Origin': origin,
      ...(origin === '*' ? {} : { Vary: 'Origin' }),
      'Access-Control-Expose-Headers': exposedHeaders,
      ...(request.method === 'OPTIONS'
        ? {
            'Access-Control-Allow-Methods': found.length === 0 ? unknownPathMethods : methodsOf(found),
            'Access-Control-Allow-Headers': acceptedHeaders,
            'Access-Control-Max-Age': preflightSeconds,
          }
        : {}),
    };
  };

  return {
    bodyTimeoutMs,
    readClient,
    find,
    refuse(request, error) {
      if (refusalOf(error).code === 'internal') onBug(error, request.path);
      return refuse(request, error);
    },
    finish(request, reply) {
      const found = routesAt(request);
      const allow = reply.status === 405 ? { Allow: methodsOf(found) } : {};
      const headers = { ...common, ...allow, ...cors(request, found), ...reply.headers };
      return { ...reply, headers };
    },
    failed: (error) => onBug(error, 'reply'),
    began: () => {
      inFlight += 1;
    },
    ended() {
      inFlight -= 1;
      if (inFlight === 0) for (const resolve of waiting.splice(0)) resolve();
    },
    async idle(graceMs) {
      if (inFlight === 0) return;
      const isIdle = new Promise<void>((resolve) => waiting.push(resolve));
      const giveUp = new AbortController();
      await Promise.race([isIdle, delay(graceMs, undefined, { signal: giveUp.signal }).catch(() => {})]);
      giveUp.abort();
    },
  };
}

/** Of `Route.path`. */
export function matcherOf(pattern: string): (path: string) => boolean {
  if (pattern.endsWith('/*')) return (path) => path.startsWith(pattern.slice(0, -1));
  if (!pattern.includes('{')) return (path) => path === pattern;
  const template = new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`);
  return (path) => template.test(path);
}

/** Fetch 4.8 (CORS-preflight fetch): a page hears of a status only when the preflight before it was answered well. */
const isPreflight = ({ method, header }: HttpRequest): boolean =>
  method === 'OPTIONS' && header('access-control-request-method') !== '';

/** For a method that no route lists: the route of GET for HEAD, an empty reply for OPTIONS. */
function implicitRoute(request: HttpRequest, found: readonly Route[]): Route | undefined {
  const first = found[0];
  if (request.method === 'HEAD') return found.find(({ methods }) => methods.includes('GET'));
  if (request.method !== 'OPTIONS' || first === undefined) return undefined;
  const reply: HttpReply = { status: 204, headers: { Allow: methodsOf(found) } };
  return { ...first, bodyLimitBytes: 0, handle: () => reply };
}

function methodsOf(found: readonly Route[]): string {
  const methods = new Set(found.flatMap((route) => route.methods));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods.add('OPTIONS')].join(', ');
}
