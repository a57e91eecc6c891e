/** From a request to its route: path, method, access, CORS. The routes themselves are one table in routes.ts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Access } from '../core/guard/access.js';
import { SluiceError } from '../errors.js';
import type { Handle, HttpReply, HttpRequest } from './http.js';
import { refusalOf, refuse } from './refusal.js';
import type { Serving, Work } from './reply.js';

export interface Route {
  /** GET answers HEAD too, unless HEAD is listed by itself. */
  readonly methods: readonly string[];
  /** Exact, or everything below when it ends in "/*". */
  readonly path: string;
  /** control: who may is for core/guard/access.ts to say; open: anybody, from any page. */
  readonly access: 'open' | 'control';
  readonly bodyLimitBytes: number;
  readonly handle: Handle;
  /** Requests that are this route's among those of its path; default: all. */
  readonly when?: (request: HttpRequest) => boolean;
}

interface RouterParts {
  readonly routes: readonly Route[];
  readonly access: Access;
  readonly bodyTimeoutMs: number;
  readonly nowMs: () => number;
  /** Told of errors that have no row: those are bugs. */
  readonly onBug: (error: unknown, path: string) => void;
}

const preflightSeconds = '600';
const takenHeaders = 'Authorization, Content-Type, If-Match, X-Api-Key';
const exposedHeaders = 'Location, ETag, Link, Retry-After';

interface RoutedServing extends Serving {
  /** Resolves when nothing is under way any more, and after `graceMs` at the latest. */
  idle(graceMs: number): Promise<void>;
}

export function createServing({ routes, access, bodyTimeoutMs, nowMs, onBug }: RouterParts): RoutedServing {
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  const at = (request: HttpRequest): readonly Route[] =>
    routes.filter(({ path, when }) => isAt(path, request.path) && (when === undefined || when(request)));

  const find = (request: HttpRequest): Work => {
    const found = at(request);
    if (found.length === 0) throw new SluiceError('route.notFound');
    const route = found.find(({ methods }) => methods.includes(request.method)) ?? stand(request, found);
    if (route === undefined) throw new SluiceError('route.methodNotAllowed', `this path takes ${methodsOf(found)}`);
    // A preflight carries no credentials; that it is answered allows nothing yet.
    if (route.access === 'control' && request.method !== 'OPTIONS') {
      const decision = access.decide(request, nowMs());
      if (decision.kind === 'refuse') throw new SluiceError(decision.code, decision.detail);
    }
    return route;
  };

  const cors = (request: HttpRequest, found: readonly Route[]): Record<string, string> => {
    if (found.length === 0) return {};
    const isOpen = found.every((route) => route.access === 'open');
    const origin = isOpen ? '*' : access.allowedOrigin(request);
    if (origin === null) return { Vary: 'Origin' };
    return {
      'Access-Control-Allow-Origin': origin,
      ...(isOpen ? {} : { Vary: 'Origin' }),
      'Access-Control-Expose-Headers': exposedHeaders,
      ...(request.method === 'OPTIONS'
        ? {
            'Access-Control-Allow-Methods': methodsOf(found),
            'Access-Control-Allow-Headers': takenHeaders,
            'Access-Control-Max-Age': preflightSeconds,
          }
        : {}),
    };
  };

  return {
    bodyTimeoutMs,
    find,
    refuse(request, error) {
      if (refusalOf(error).code === 'internal') onBug(error, request.path);
      return refuse(request, error);
    },
    finish(request, reply) {
      const found = at(request);
      const allow = reply.status === 405 ? { Allow: methodsOf(found) } : {};
      const headers = { 'X-Content-Type-Options': 'nosniff', ...allow, ...cors(request, found), ...reply.headers };
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

function isAt(pattern: string, path: string): boolean {
  return pattern.endsWith('/*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

/** What stands in for a method that no route lists: GET's route for HEAD, a bare answer for OPTIONS. */
function stand(request: HttpRequest, found: readonly Route[]): Route | undefined {
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
