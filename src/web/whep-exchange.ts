/** The HTTP requests of WHEP (draft-ietf-wish-whep-04): POST of an offer, PATCH of a counter-answer, DELETE. */
import { HttpRefusal, readRefusal } from './http-refusal.js';
import { request } from './http-request.js';
import { bearer } from './token.js';

export interface WhepRequest {
  readonly endpoint: URL;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

interface WhepExchange {
  /** `offer`: a counter-offer of the server (406), which `sendCounterAnswer` answers. */
  readonly type: 'answer' | 'offer';
  readonly sdp: string;
  /** The URL of the session, for PATCH and DELETE. */
  readonly session: URL;
  /** STUN and TURN servers that the server tells of (RFC 9725 4.6). */
  readonly iceServers: readonly RTCIceServer[];
}

/** Errors: HttpRefusal. */
export async function postOffer({ endpoint, token, signal }: WhepRequest, sdp: string): Promise<WhepExchange> {
  const response = await request(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp', Accept: 'application/sdp', ...bearer(token) },
    body: sdp,
    signal,
  });
  const location = response.headers.get('Location');
  const isCounterOffer = response.status === 406 && location !== null;
  if (response.status !== 201 && !isCounterOffer) throw await readRefusal(response);
  if (location === null) throw new HttpRefusal('The answer names no session', response.status);
  const session = new URL(location, response.url);
  const iceServers = readIceServers(response.headers.get('Link') ?? '');
  return { type: isCounterOffer ? 'offer' : 'answer', sdp: await response.text(), session, iceServers };
}

/** RFC 8288 3: links are separated by commas, which may stand in quoted values too. */
function readIceServers(header: string): readonly RTCIceServer[] {
  return [...header.matchAll(/<([^>]+)>((?:\s*;\s*[\w-]+="[^"]*")*)/g)].flatMap(([, urls = '', rest = '']) => {
    const value = (name: string): string => new RegExp(`;\\s*${name}="([^"]*)"`).exec(rest)?.[1] ?? '';
    if (value('rel') !== 'ice-server') return [];
    const [username, credential] = [value('username'), value('credential')];
    return [username === '' ? { urls } : { urls, username, credential }];
  });
}

/** Errors: HttpRefusal. */
export async function sendCounterAnswer(
  { token, signal }: Pick<WhepRequest, 'token' | 'signal'>,
  session: URL,
  sdp: string,
): Promise<void> {
  const response = await request(session, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/sdp', 'If-Match': '*', ...bearer(token) },
    body: sdp,
    signal,
  });
  if (!response.ok) throw await readRefusal(response);
}

/** Ends the session; works during `pagehide` too. A session that is gone already is no error. */
export async function deleteSession(session: URL, token: string | undefined): Promise<void> {
  await fetch(session, { method: 'DELETE', headers: bearer(token), keepalive: true }).catch(() => undefined);
}

/** The server answers, and knows the session no more. Servers differ in what else they answer to a GET. */
export const isForgotten = (session: URL): Promise<boolean> =>
  fetch(session, { cache: 'no-store' }).then(
    ({ status }) => status === 404 || status === 410,
    () => false,
  );

/** An endpoint answers at all: no session is asked for. A proxy that has nobody behind it is no answer. */
const answerTimeoutMs = 2000;
export const isAnswering = (endpoint: URL): Promise<boolean> =>
  fetch(endpoint, { cache: 'no-store', signal: AbortSignal.timeout(answerTimeoutMs) }).then(
    ({ status }) => status < 500,
    () => false,
  );
