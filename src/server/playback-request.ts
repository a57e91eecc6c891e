/** What a request by HTTP says of who wants to play. */
import { keptText } from '../core/guard/kept-text.js';
import type { HttpRequest } from './http.js';
import type { PlaybackRequest } from './playback-gate.js';

type Bearer = Pick<HttpRequest, 'header' | 'query'>;

/** Of the Authorization header, else `?token=`; empty without one. */
export const tokenOf = ({ header, query }: Bearer): string =>
  /^bearer +(\S+)$/i.exec(header('authorization').trim())?.[1] ?? query.get('token') ?? '';

const maxUserAgentChars = 512;

/** The part of a User-Agent that is kept with a viewer. */
export const keptUserAgent = (userAgent: string): string => keptText(userAgent, maxUserAgentChars);

/** Pictures are asked for without an Origin; then the page is told by the Referer, unless it does not want to be. */
function pageOriginOf(header: HttpRequest['header']): string {
  const origin = header('origin');
  const referer = header('referer');
  if (origin !== '' || !URL.canParse(referer)) return origin;
  return new URL(referer).origin;
}

export function playbackRequest(
  request: Bearer & Pick<HttpRequest, 'client'>,
  protocol: PlaybackRequest['protocol'],
  name: string,
): PlaybackRequest {
  const { header } = request;
  return {
    protocol,
    name,
    token: tokenOf(request),
    clientIp: request.client.ip,
    origin: pageOriginOf(header),
    host: header('host'),
    userAgent: keptUserAgent(header('user-agent')),
  };
}

/** The token in the query, for addresses that a player is to ask for next. */
export function tokenInQuery({ query }: Pick<HttpRequest, 'query'>): string {
  const token = query.get('token') ?? '';
  return token === '' ? '' : `?token=${encodeURIComponent(token)}`;
}
