/** Finds the route of a request: path, method, access, CORS. The table of routes is routes.ts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Access } from '../core/guard/access.js';
import type { ReadClient } from '../core/guard/client.js';
import { SluiceError } from '../errors.js';
import type { Handle, HttpReply, HttpRequest } from './http.js';
import { refusalOf, refuse } from './refusal.js';
import type { Serving, Work } from './reply.js';

export interface Route {
  /** GET answers HEAD too, unless HEAD is listed. */
  readonly methods: readonly string[];
  /** Exact, with `{id}` for one segment, or a prefix when it ends in "/*". */
  readonly path: string;
  /** control: core/guard/access.ts decides; open: anyone, from any page. */
  readonly access: 'open' | 'control';
  readonly bodyLimitBytes: number;
  readonly handle: Handle;
  /** Selects among requests of this path; default: all. */
  readonly when?: (request: HttpRequest) => boolean;
}

interface RouterParts {
  readonly routes: readonly Route[];
  readonly access: Access;
  readonly readClient: ReadClient;
  /** Of every reply. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyTimeoutMs: number;
  readonly nowMs: () => number;
  /** Called for errors without a row, which are bugs. */
  readonly onBug: (error: unknown, path: string) => void;
}

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
  readClient,
  headers: common,
  bodyTimeoutMs,
  nowMs,
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
    if (route.access === 'control' && request.method !== 'OPTIONS') {
      const decision = access.decide(request, nowMs());
      if (decision.kind === 'refuse') throw new SluiceError(decision.code, decision.detail);
    }
    return route;
  };

  const cors = (request: HttpRequest, found: readonly Route[]): Record<string, string> => {
    const isOpen = found.length > 0 && found.every((route) => route.access === 'open');
    const origin = isOpen ? '*' : access.allowedOrigin(request);
    if (origin === null) return { Vary: 'Origin' };
    return {
      'Access-Control-Allow-Origin': origin,
      ...(isOpen ? {} : { Vary: 'Origin' }),
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

function matcherOf(pattern: string): (path: string) => boolean {
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
