/** HTTP requests to a server that may ask for a token and may refuse. */
import { HttpRefusal, readRefusal } from './http-refusal.js';

/** `token`: an API key or a playback token (RFC 6750 2.1); undefined: none. */
export const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { Authorization: `Bearer ${token}` };

/** For what sends no headers: elements, WebSockets (RFC 6750 2.3, by another name). */
export function withToken(url: URL, token: string | undefined): URL {
  const whole = new URL(url);
  if (token !== undefined) whole.searchParams.set('token', token);
  return whole;
}

/** Any status is a response. Errors: HttpRefusal of status 0 without one; what `init.signal` was aborted with. */
export async function request(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new HttpRefusal('The server cannot be reached', 0);
  }
}

/** Errors: HttpRefusal. */
export async function get(url: URL, signal: AbortSignal): Promise<Response> {
  const response = await request(url, { cache: 'no-store', signal });
  if (!response.ok) throw await readRefusal(response);
  return response;
}
