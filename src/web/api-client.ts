/**
 * A client of /api, derived from the table of its operations: what each takes and gives is known to the compiler. What was
 * answered before is asked for by its entity tag.
 */

import type { Operations } from '../server/api-operations.js';
import { apiPaths, type OperationName } from '../server/api-paths.js';
import { HttpRefusal, readRefusal } from './http-refusal.js';
import { bearer } from './token.js';

export type { OperationName };

type Schema<
  Name extends OperationName,
  Part extends 'query' | 'body',
  Kind extends '_input' | '_output',
> = Operations[Name][Part] extends { readonly [K in Kind]: infer T } ? T : never;
export type Output<Name extends OperationName> = Operations[Name]['response'] extends { readonly _output: infer T }
  ? T
  : never;

export interface Input<Name extends OperationName> {
  /** `{id}` of the path. */
  readonly id?: string;
  readonly query?: Schema<Name, 'query', '_input'>;
  readonly body?: Schema<Name, 'body', '_input'>;
}

export interface ApiClient {
  /** What GET answers at a path of `pathOf`. Errors: HttpRefusal. */
  read(path: string): Promise<unknown>;
  /** Errors: HttpRefusal. */
  call<Name extends OperationName>(name: Name, input?: Input<Name>): Promise<Output<Name>>;
  readonly base: URL;
  /** What says who asks. */
  headers(): Record<string, string>;
}

/** With its query, as the server sees it. */
export function pathOf<Name extends OperationName>(name: Name, { id = '', query }: Input<Name> = {}): string {
  const [, path] = apiPaths[name];
  const asked = new URLSearchParams();
  for (const [field, value] of Object.entries(query ?? {})) asked.set(field, String(value));
  return `${path.replace('{id}', encodeURIComponent(id))}${asked.size === 0 ? '' : `?${asked}`}`;
}

/** `key`: the API key; empty: none. */
export function createApiClient(base: URL, key: () => string): ApiClient {
  const known = new Map<string, { readonly tag: string; readonly text: string }>();
  const headers = (): Record<string, string> => bearer(key() || undefined);

  const textOf = async (url: URL, method: string, body: string | undefined): Promise<string> => {
    const before = method === 'GET' ? known.get(url.href) : undefined;
    const response = await fetch(url, {
      method,
      headers: {
        ...headers(),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }),
        ...(before === undefined ? {} : { 'If-None-Match': before.tag }),
      },
      ...(body === undefined ? {} : { body }),
    }).catch(() => {
      throw new HttpRefusal(`The server cannot be reached at ${base.href}`, 0);
    });
    if (response.status === 304 && before !== undefined) return before.text;
    if (!response.ok) throw await readRefusal(response);
    const text = await response.text();
    const tag = response.headers.get('ETag');
    if (tag !== null) known.set(url.href, { tag, text });
    return text;
  };

  /** The console may lie below a path of its own, behind a proxy. */
  const urlOf = (path: string): URL => new URL(path.slice(1), base);

  return {
    base,
    headers,
    read: async (path) => JSON.parse(await textOf(urlOf(path), 'GET', undefined)),
    async call<Name extends OperationName>(name: Name, input: Input<Name> = {}): Promise<Output<Name>> {
      const [method] = apiPaths[name];
      const body = input.body === undefined ? undefined : JSON.stringify(input.body);
      const text = await textOf(urlOf(pathOf(name, input)), method, body);
      const output: Output<Name> = text === '' ? undefined : JSON.parse(text);
      return output;
    },
  };
}
