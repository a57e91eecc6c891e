/** How a token goes along with a request: an API key, or a playback token. */

/** Undefined: there is none (RFC 6750 2.1). */
export const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { Authorization: `Bearer ${token}` };

/** For what sends no headers, such as elements and WebSockets (as RFC 6750 2.3, under the name `token`). */
export function withToken(url: URL, token: string | undefined): URL {
  const whole = new URL(url);
  if (token !== undefined) whole.searchParams.set('token', token);
  return whole;
}
