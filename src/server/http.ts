/** Requests and replies as routes see them: plain data, without uWebSockets.js. */
import { STATUS_CODES } from 'node:http';
import type { Client } from '../core/guard/client.js';
import { SluiceError } from '../errors.js';

export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** As received: percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Whose request it is. */
  readonly client: Client;
  /** `name`: in lower case. Empty when the header is absent; several of one name are joined by commas. */
  header(name: string): string;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** In place of a body: the reply goes on until it is ended, or its client leaves, or does not read. */
  readonly events?: EventSource;
  /** What of them may wait for the client. */
  readonly maxWaitingBytes?: number;
  /** In place of a body: what is too long for one. */
  readonly stream?: ReplyStream;
}

export interface ReplyStream {
  readonly sizeBytes: number;
  /** At least one byte from `offset` on. */
  read(offset: number, maxBytes: number): Promise<Uint8Array>;
  /** Called once, whatever happens. */
  close(): void;
}

/**
 * Begins to send, and gives what stops it, which is called once. `send` writes some of the body, and never throws; `end` says that
 * this was all.
 */
export type EventSource = (send: (text: string) => void, end: () => void) => () => void;

/** `body` is empty for a request without one. */
export type Handle = (request: HttpRequest, body: Buffer) => HttpReply | Promise<HttpReply>;

/** Error: request.invalid for malformed percent-encoding. */
export function decodedName(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new SluiceError('request.invalid', "the name's percent-encoding is malformed");
  }
}

/** The client has what goes by this tag. Weakly compared (RFC 9110 13.1.2): proxies that compress make tags weak. */
export function knowsTag({ header }: Pick<HttpRequest, 'header'>, tag: string): boolean {
  const opaque = (text: string): string => text.trim().replace(/^W\//, '');
  const known = header('if-none-match').split(',').map(opaque);
  return known.includes(opaque(tag)) || known.includes('*');
}

/** "503 Service Unavailable": a status as uWebSockets.js takes it. */
export const statusLine = (status: number): string => `${status} ${STATUS_CODES[status] ?? 'Unknown'}`;

export const jsonReply = (value: unknown): HttpReply => ({
  status: 200,
  headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  body: JSON.stringify(value),
});

export const textReply = (status: number, body: string): HttpReply => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
  body,
});
