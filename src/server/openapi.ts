/** GET /openapi.json: OpenAPI 3.1, made of the schemas by which requests are checked. */
import { z } from 'zod';
import { errorTable } from '../errors.js';
import { type Operation, operations } from './api-operations.js';
import { apiPaths, type OperationName } from './api-paths.js';
import { problem } from './api-schemas.js';
import { type OtherRoute, otherRoutes } from './other-routes.js';
import type { RouteAccess } from './router.js';

type Json = Readonly<Record<string, unknown>>;

/** The schemas that have a name, collected while others refer to them. */
interface Components {
  /** The schema, or a reference to it. `io`: as it comes in, or as it goes out. */
  schema(type: z.ZodType, io: 'input' | 'output'): Json;
  readonly named: Readonly<Record<string, unknown>>;
}

function createComponents(): Components {
  const named: Record<string, unknown> = {};
  const rename = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'));
  return {
    named,
    schema(type, io) {
      const { $schema: _, $defs = {}, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' });
      for (const [id, { id: _id, ...one }] of Object.entries($defs)) named[id] = rename(one);
      const { id, ...rest } = schema;
      if (typeof id !== 'string') return Object.fromEntries(Object.entries(Object(rename(rest))));
      named[id] = rename(rest);
      return { $ref: `#/components/schemas/${id}` };
    },
  };
}

const ofType = (mediaType: string, schema: Json): Json => ({ [mediaType]: { schema } });
const parametersOf = (path: string): readonly Json[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
/** A scope is a role of the key (OpenAPI 3.1, Security Requirement Object). */
const securityOf = (access: RouteAccess): readonly Json[] => {
  const byToken = [{ tokenHeader: [] }, { tokenQuery: [] }];
  if (access === 'open') return [];
  // While no tokens are asked for, everybody may.
  if (access === 'playback') return [{}, ...byToken];
  const roles = [access === 'token' ? 'read' : access];
  return [{ apiKey: roles }, { bearer: roles }, ...(access === 'token' ? byToken : [])];
};

/** `pagePaths`: of the pages that are served. */
export function createOpenApi(version: string, pagePaths: readonly string[]): Json {
  const components = createComponents();
  const problems = ofType('application/problem+json', components.schema(problem, 'output'));
  const paths: Record<string, Record<string, Json>> = {};
  const put = (path: string, method: string, operation: Json): void => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const [name, [method, path]] of Object.entries(apiPaths)) {
    if (isOperation(name)) put(path, method, describe(name, operations[name], path, components, problems));
  }
  for (const route of [...otherRoutes, ...pagePaths.map(pageAt)]) {
    for (const method of route.methods) put(route.path, method, describeOther(route, method, components));
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description:
        'Pulls RTMP streams and plays them in browsers by WebRTC. Control answers to this machine, or to an API key.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '.' }],
    tags: ['Streams', 'Recordings', 'Viewers', 'Playback', 'Server', 'WHEP', 'HLS', 'WCS', 'Pages'].map((name) => ({
      name,
    })),
    paths,
    components: {
      schemas: components.named,
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
        tokenHeader: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        tokenQuery: { type: 'apiKey', in: 'query', name: 'token' },
      },
    },
  };
}

const isOperation = (name: string): name is OperationName => Object.hasOwn(operations, name);

function describe(
  name: OperationName,
  operation: Operation,
  path: string,
  components: Components,
  problems: Json,
): Json {
  const { tag, summary, query, body, status, response, errors, isIdempotent = false } = operation;
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  const byStatus = new Map<number, string[]>();
  for (const code of ['control.unauthorised', 'control.forbidden', ...errors] as const) {
    const { status: at } = errorTable[code];
    byStatus.set(at, [...(byStatus.get(at) ?? []), code]);
  }
  const hasContent = !(response instanceof z.ZodUndefined);
  const good = hasContent ? { content: ofType('application/json', components.schema(response, 'output')) } : {};
  const key = { name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 255 } };
  return {
    operationId: name,
    tags: [tag],
    summary,
    parameters: [
      ...parametersOf(path),
      ...Object.entries(properties).map(([field, schema]) => ({ name: field, in: 'query', required: false, schema })),
      ...(isIdempotent ? [key] : []),
    ],
    ...(body instanceof z.ZodUndefined
      ? {}
      : { requestBody: { required: true, content: ofType('application/json', components.schema(body, 'input')) } }),
    responses: {
      [status]: { description: status === 204 ? 'Done' : 'As asked', ...good },
      ...Object.fromEntries(
        [...byStatus].map(([at, codes]) => [at, { description: codes.join(', '), content: problems }]),
      ),
    },
    security: securityOf(operation.scope),
  };
}

function describeOther(route: OtherRoute, method: string, components: Components): Json {
  const { path, tag, summary, access, body, query = [], answer, status = 200 } = route;
  const content = (type: z.ZodType | string): Json =>
    typeof type === 'string'
      ? ofType(type, { type: 'string' })
      : ofType('application/json', components.schema(type, 'input'));
  const isText = answer !== undefined && answer !== 'application/json';
  return {
    tags: [tag],
    summary,
    parameters: [
      ...parametersOf(path),
      ...query.map((name) => ({ name, in: 'query', required: false, schema: { type: 'string' } })),
    ],
    ...(body === undefined || method === 'GET' ? {} : { requestBody: { content: content(body) } }),
    responses: {
      [status]: {
        description: 'As asked',
        ...(answer === undefined ? {} : { content: ofType(answer, isText ? { type: 'string' } : {}) }),
      },
      default: { description: 'Refused: `code` of the body says why' },
    },
    security: securityOf(access),
  };
}

const pageAt = (path: string): OtherRoute => ({
  methods: ['GET'],
  path: path.replace('/*', '/{name}'),
  tag: 'Pages',
  summary: 'A page, or a file of one',
  access: 'open',
  answer: 'text/html',
});
