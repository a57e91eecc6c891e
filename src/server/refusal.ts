/** Thrown errors as HTTP replies: WCS's error object below /rest-api, problem details (RFC 9457) elsewhere. */
import { STATUS_CODES } from 'node:http';
import { WireError } from '../core/bytes/wire-error.js';
import { ElsewhereError, type ErrorCode, errorTable, SluiceError } from '../errors.js';
import type { HttpReply, HttpRequest } from './http.js';

/** What the client learns of an error. One without a row becomes `internal`, and its message is not sent. */
interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail: string;
}

/** Retry-After for an error that may mend, in seconds. */
export const retryAfter = (code: ErrorCode): string => (code === 'request.tooMany' ? '60' : '2');

export function refusalOf(error: unknown): Refusal {
  if (error instanceof SluiceError) {
    return { status: error.row.status, code: error.code, message: error.message, detail: error.detail };
  }
  if (error instanceof WireError) {
    const row = errorTable['offer.malformed'];
    return {
      status: row.status,
      code: 'offer.malformed',
      message: `${row.text}: ${error.message}`,
      detail: error.message,
    };
  }
  const row = errorTable.internal;
  return { status: row.status, code: 'internal', message: row.text, detail: '' };
}

export function refuse(request: HttpRequest, error: unknown): HttpReply {
  const refusal = request.path.startsWith('/whep') ? asWhep(refusalOf(error)) : refusalOf(error);
  const headers: Record<string, string> = { 'Cache-Control': 'no-store' };
  if (errorTable[refusal.code].retry && refusal.status !== 500) headers['Retry-After'] = retryAfter(refusal.code);
  // The same method, with the same body (RFC 9110 15.4.8).
  if (error instanceof ElsewhereError) headers.Location = `${error.http}${request.path}${queryOf(request)}`;
  if (refusal.status === 401) headers['WWW-Authenticate'] = 'Bearer';
  return request.path.startsWith('/rest-api/') ? wcsError(request, refusal, headers) : problem(refusal, headers);
}

function queryOf({ query }: HttpRequest): string {
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/**
 * WHEP answers 409 for a stream without a live source, which is worth another try, and 404 only for an unknown name
 * (docs/whep.md, Endpoint). The body has the reason why the source is away.
 */
function asWhep(refusal: Refusal): Refusal {
  const isAway = refusal.code.startsWith('source.') && errorTable[refusal.code].retry;
  return isAway ? { ...refusal, status: errorTable['stream.notLive'].status } : refusal;
}

/** WCS 5.2's error object (docs/wcs.md 1.0), with two fields of ours: `code`, and WCS's `info` text for it. */
function wcsError(request: HttpRequest, refusal: Refusal, headers: Record<string, string>): HttpReply {
  const { status, code, message } = refusal;
  const error = STATUS_CODES[status] ?? '';
  const exception = `${error.replaceAll(' ', '')}Exception`;
  const { info } = errorTable[code];
  const body = {
    exception,
    reason: `${exception}, ${message}`,
    path: request.path,
    error,
    message,
    timestamp: Date.now(),
    status,
    code,
    info,
  };
  return { status, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

function problem({ status, code, detail }: Refusal, headers: Record<string, string>): HttpReply {
  const title = errorTable[code].text;
  const body = { type: 'about:blank', title, status, detail: detail === '' ? title : detail, code };
  return { status, headers: { ...headers, 'Content-Type': 'application/problem+json' }, body: JSON.stringify(body) };
}
