/** HTTP requests of pages to a server that may refuse. */
import { HttpRefusal, readRefusal } from './http-refusal.js';

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
