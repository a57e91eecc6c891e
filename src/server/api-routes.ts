/** The routes of /api, made of its operations: what comes in is checked, what goes out has an entity tag. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ApiHandlers } from './api-contract.js';
import { type Operation, operations } from './api-operations.js';
import { apiPaths, type OperationName } from './api-paths.js';
import { decodedName, type Handle, type HttpReply, type HttpRequest, knowsTag } from './http.js';
import { createIdempotency } from './idempotency.js';
import { checked, readJson } from './json-body.js';
import type { Route } from './router.js';

const bodyLimitBytes = 65_536;

export function createApiRoutes(handlers: ApiHandlers, nowMs: () => number): readonly Route[] {
  const once = createIdempotency(nowMs);
  const names: readonly OperationName[] = keysOf(apiPaths);
  return names.map((name): Route => {
    const [method, path] = apiPaths[name];
    const operation: Operation = operations[name];
    const run = handle(operation, path, (input) => Reflect.apply(handlers[name], handlers, [input]));
    return {
      methods: [method],
      path,
      access: operation.scope,
      bodyLimitBytes,
      handle: operation.isIdempotent === true ? (request, body) => once(request, body, run) : run,
    };
  });
}

const keysOf = <T extends object>(table: T): (keyof T)[] =>
  Object.keys(table).filter((key): key is keyof T & string => key in table);

function handle(operation: Operation, path: string, run: (input: unknown) => unknown): Handle {
  const idAt = path.split('/').indexOf('{id}');
  const takesBody = !(operation.body instanceof z.ZodUndefined);
  return async (request, body) => {
    const output = await run({
      id: idAt < 0 ? '' : decodedName(request.path.split('/')[idAt] ?? ''),
      query: checked(operation.query, Object.fromEntries(request.query)),
      body: takesBody ? readBody(operation.body, request, body) : undefined,
    });
    return replyTo(request, operation.status, output);
  };
}

/** None is as good as an empty object: it says what is missing, or leaves all at its default. */
const readBody = (schema: z.ZodType, request: HttpRequest, body: Buffer): unknown =>
  body.length === 0 ? checked(schema, {}) : readJson(schema, request, body);

function replyTo(request: HttpRequest, status: number, output: unknown): HttpReply {
  if (output === undefined) return { status, headers: { 'Cache-Control': 'no-store' } };
  const body = JSON.stringify(output);
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' };
  if (status === 201) {
    const id = typeof output === 'object' && output !== null && 'id' in output ? String(output.id) : '';
    return { status, headers: { ...headers, Location: `${request.path}/${encodeURIComponent(id)}` }, body };
  }
  // Weak: the same resource, whatever the order of its bytes (RFC 9110 8.8.1).
  const tag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const isKnown = request.method === 'GET' && knowsTag(request, tag);
  return isKnown
    ? { status: 304, headers: { ...headers, ETag: tag } }
    : { status, headers: { ...headers, ETag: tag }, body };
}
