/** The HTTP requests of WHEP (draft-ietf-wish-whep-04): POST of an offer, PATCH of a counter-answer, DELETE. */

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

/** A refusal of the server: its message, and whether and when a retry makes sense. */
export class WhepRefusal extends Error {
  /** HTTP status; 0 without a response. */
  readonly status: number;
  /** `code` of a problem+json body; empty without one. */
  readonly code: string;
  /** Retry-After in ms; null without one. */
  readonly retryAfterMs: number | null;

  constructor(message: string, status: number, code: string, retryAfterMs: number | null) {
    super(message);
    this.name = 'WhepRefusal';
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** False for statuses that a retry does not change, such as a bad request, or an offer without a common codec. */
  get isTemporary(): boolean {
    return ![400, 401, 403, 405, 413, 415, 422, 501].includes(this.status);
  }
}

const authorization = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { Authorization: `Bearer ${token}` };

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new WhepRefusal('The server cannot be reached', 0, '', null);
  }
}

/** Errors: WhepRefusal. */
export async function postOffer(request: WhepRequest, sdp: string): Promise<WhepExchange> {
  const response = await send(request.endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp', Accept: 'application/sdp', ...authorization(request.token) },
    body: sdp,
    signal: request.signal,
  });
  const location = response.headers.get('Location');
  const isCounterOffer = response.status === 406 && location !== null;
  if (response.status !== 201 && !isCounterOffer) throw await readRefusal(response);
  if (location === null) throw new WhepRefusal('The answer names no session', response.status, '', null);
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

/** Errors: WhepRefusal. */
export async function sendCounterAnswer(request: WhepRequest, session: URL, sdp: string): Promise<void> {
  const response = await send(session, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/sdp', 'If-Match': '*', ...authorization(request.token) },
    body: sdp,
    signal: request.signal,
  });
  if (!response.ok) throw await readRefusal(response);
}

/** Ends the session; works during `pagehide` too. A session that is gone already is no error. */
export async function deleteSession(session: URL, token: string | undefined): Promise<void> {
  await fetch(session, { method: 'DELETE', headers: authorization(token), keepalive: true }).catch(() => undefined);
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

/** For what sends no headers: elements, WebSockets. */
export function withToken(url: URL, token: string | undefined): URL {
  const whole = new URL(url);
  if (token !== undefined) whole.searchParams.set('token', token);
  return whole;
}

/** For a GET of what is not WHEP, from the same server. Errors: WhepRefusal. */
export async function get(url: URL, signal: AbortSignal): Promise<void> {
  const response = await send(url, { cache: 'no-store', signal });
  if (!response.ok) throw await readRefusal(response);
}

/** The same of what is JSON. Errors: WhepRefusal. */
export async function readJson(url: URL, signal: AbortSignal): Promise<unknown> {
  const response = await send(url, { cache: 'no-store', signal });
  if (!response.ok) throw await readRefusal(response);
  return response.json();
}

/** The message is from problem details (RFC 9457), else it has the status. */
export async function readRefusal(response: Response): Promise<WhepRefusal> {
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  const retryAfterMs = Number.isNaN(seconds) ? null : Math.max(0, seconds) * 1000;
  const problem: unknown = await response.json().catch(() => null);
  const words = field(problem, 'detail') || field(problem, 'title') || `The server answered ${response.status}`;
  return new WhepRefusal(words, response.status, field(problem, 'code'), retryAfterMs);
}

function field(problem: unknown, name: string): string {
  if (typeof problem !== 'object' || problem === null) return '';
  const value: unknown = Reflect.get(problem, name);
  return typeof value === 'string' ? value : '';
}
