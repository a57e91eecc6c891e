/** What GET answers at a path of /api, told again whenever it has changed, for /api/events. */
import type { Client } from '../core/guard/client.js';
import { SluiceError } from '../errors.js';
import type { HttpRequest } from './http.js';
import { refusalOf } from './refusal.js';
import { matcherOf, type Route } from './router.js';

export interface Answer {
  readonly path: string;
  readonly status: number;
  /** Null: it was refused. */
  readonly body: unknown;
}

/** Asks once: what has changed since it was asked before; null: nothing. */
export type Watch = () => Promise<Answer | null>;

/** Gives what asks at `path`, with its query. Error: request.invalid where there is nothing that `read` may ask for. */
export type OpenWatch = (path: string, client: Client) => Watch;

/** Paths are read below some address. */
const here = 'http://here';

export function createWatches(routes: readonly Route[]): OpenWatch {
  const watchable = routes
    .filter(({ methods, access }) => methods.includes('GET') && access === 'read')
    .map(({ path, handle }) => ({ handle, isAt: matcherOf(path) }));

  return (path, client) => {
    const url = URL.canParse(path, here) ? new URL(path, here) : null;
    const route = watchable.find(({ isAt }) => url?.origin === here && isAt(url.pathname));
    if (url === null || route === undefined) throw new SluiceError('request.invalid', `watch: no GET of ${path}`);
    const request: HttpRequest = {
      method: 'GET',
      path: url.pathname,
      query: url.searchParams,
      client,
      header: () => '',
    };
    let last = '';
    const answered = async (): Promise<Answer> => {
      try {
        const { status, body = '' } = await route.handle(request, Buffer.alloc(0));
        // Without a body another node is named that has it.
        return { path, status, body: body === '' ? null : JSON.parse(String(body)) };
      } catch (error) {
        return { path, status: refusalOf(error).status, body: null };
      }
    };
    return async () => {
      const answer = await answered();
      const text = JSON.stringify(answer);
      if (text === last) return null;
      last = text;
      return answer;
    };
  };
}
