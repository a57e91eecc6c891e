/** .github/docs/api.md, as it is made of /openapi.json. */
import { createOpenApi } from '../../../src/server/openapi.js';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly description?: string;
}

interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

interface OpenApi {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export const apiDocumentPath = '.github/docs/api.md';

const head = `# API

Sluice's own API, in resource style, beside [WCS's calls](./rest.md). This page is made of \`/openapi.json\` (\`npm run docs:api\`),
which is made of the schemas that check each request; \`/api-docs\` on the server lets one try it.

- A stream is named by its id or its local name, percent-encoded.
- Control answers to this machine, to \`control.allow\`, or to an API key: \`X-Api-Key: KEY\` or \`Authorization: Bearer KEY\`
  ([SECURITY.md](../SECURITY.md)); else 401 \`control.unauthorised\` or 403 \`control.forbidden\`. The word behind each call is the
  scope that a key must have (read, control, admin; each has those before it), \`open\`, or \`token\`: for who has a playback token
  ([Access](./access.md)).
- Errors are problem details (RFC 9457) with a stable \`code\`; what may mend itself carries \`Retry-After\`.
- What GET answers has an \`ETag\`: ask with \`If-None-Match\`, and 304 says that nothing has changed.
- \`POST /api/streams\` takes an \`Idempotency-Key\`: the same request with the same key is carried out once, for ten minutes.
- Times are UTC in ms, and names end in their unit.

\`\`\`sh
curl localhost:8081/api/streams -H 'Content-Type: application/json' -H 'Idempotency-Key: 1' \\
     -d '{"uri": "rtmp://myserver.com/live/myStream", "name": "stream1"}'
curl localhost:8081/api/streams/stream1/diagnosis
\`\`\`

## Events

\`GET /api/events\` goes on, as server-sent events: \`stream\` (a Stream, each when you come, and then when it changes), \`removed\`
(\`{"id"}\`), \`sample\` (\`{"id", "sample"}\`, each five seconds); and \`streams\` (\`{"ids"}\`) once all that there are have been told. Send
the key in a header, and read by \`fetch\`: \`EventSource\` sends none.

\`?watch=PATH\`, up to 16 times, adds what GET answers at a path of this page that \`read\` opens, with its query: \`answer\`
(\`{"path", "status", "body"}\`; \`body\` is null where it is refused) at once, and then whenever it has changed, looked at each two
seconds. So all that the console shows comes by one connection:

\`\`\`sh
curl -N 'localhost:8081/api/events?watch=/api/streams/stream1/diagnosis&watch=/api/viewers%3Fstream=stream1'
\`\`\`
`;

export function apiDocument(): string {
  const { tags, paths, components }: OpenApi = JSON.parse(JSON.stringify(createOpenApi('0', [])));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const sections = tags
    .map(({ name }) => ({ name, found: operations.filter(({ operation }) => operation.tags.includes(name)) }))
    .filter(({ found }) => found.length > 0)
    .map(({ name, found }) => {
      const rows = found.map(({ path, method, operation }) => row(path, method, operation));
      return `## ${name}\n\n| call | takes | answers |\n|---|---|---|\n${rows.join('\n')}\n`;
    });
  const schemas = Object.entries(components.schemas).map(([name, schema]) => {
    const rows = fields(schema);
    const words = schema.description === undefined ? '' : `${schema.description}.\n\n`;
    return `### ${name}\n\n${words}${rows === '' ? 'An object.' : `| field | type | |\n|---|---|---|\n${rows}`}\n`;
  });
  return `${[head, ...sections, '## Types\n', ...schemas].join('\n')}`;
}

function row(
  path: string,
  method: string,
  { summary, parameters, requestBody, responses, security }: Operation,
): string {
  const queries = parameters.filter((one) => one.in === 'query').map(({ name }) => `\`?${name}=\``);
  const body = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) =>
    type === 'application/json' ? typeOf(schema) : type,
  );
  const answers = Object.entries(responses)
    .filter(([status]) => status !== 'default')
    .map(([status, { content = {}, description = '' }]) => {
      // What every call of control may answer is said once, above.
      const codes = description.split(', ').filter((code) => !code.startsWith('control.'));
      if (Number(status) >= 400) return codes.length === 0 ? '' : `${status} ${[...new Set(codes)].join(', ')}`;
      const types = Object.entries(content).map(([type, { schema }]) =>
        type === 'application/json' ? typeOf(schema) : type,
      );
      return [status, ...types].join(' ');
    })
    .filter((answer) => answer !== '');
  const [scope] = Object.values(security[0] ?? {}).flat();
  const byToken = security.some(({ tokenHeader }) => tokenHeader !== undefined);
  const lock = [scope ?? (byToken ? '' : 'open'), byToken ? 'token' : ''].filter((word) => word !== '').join(', ');
  return `| \`${method} ${path}\`: ${summary} (${lock}) | ${[...body, ...queries].join(', ')} | ${answers.join('. ')} |`;
}

const fields = ({ properties = {}, required = [] }: Schema): string =>
  Object.entries(properties)
    .map(([name, schema]) => {
      const isOptional = !required.includes(name) && schema.default === undefined;
      const standard = schema.default === undefined ? '' : ` Default \`${JSON.stringify(schema.default)}\`.`;
      return `| \`${name}\`${isOptional ? ' (optional)' : ''} | ${typeOf(schema)} | ${schema.description ?? ''}${standard} |`;
    })
    .join('\n');

function typeOf(schema: Schema): string {
  const { $ref, type, items, anyOf } = schema;
  if ($ref !== undefined) {
    const name = $ref.slice('#/components/schemas/'.length);
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (items !== undefined) return `array of ${typeOf(items)}`;
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ');
  return typeof type === 'string' ? type : (type ?? ['any']).join(' or ');
}
