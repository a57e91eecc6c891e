/**
 * The only file that touches uWebSockets.js's responses. A throw inside one of its handlers ends the whole process
 * (std::terminate), and so does writing after an abort: so `onAborted` comes first, every step is inside a try, and
 * whether there is still somebody to answer is kept here.
 */

import type { HttpRequest as UwsRequest, HttpResponse as UwsResponse } from 'uWebSockets.js';
import { SluiceError } from '../errors.js';
import { type Handle, type HttpReply, type HttpRequest, statusLine } from './http.js';

export interface Work {
  /** Most bytes that a body may have. */
  readonly bodyLimitBytes: number;
  readonly handle: Handle;
}

export interface Serving {
  readonly bodyTimeoutMs: number;
  /** Finds the work, or refuses by a throw, before a byte of the body is read. */
  find(request: HttpRequest): Work;
  /** What is said when something was thrown. */
  refuse(request: HttpRequest, error: unknown): HttpReply;
  /** Adds what every answer to this request carries, like CORS. */
  finish(request: HttpRequest, reply: HttpReply): HttpReply;
  /** Told of each request, and once more when it is answered or its client is gone. */
  began(): void;
  ended(): void;
  /** Told of a throw in the answering itself, which closes the connection. */
  failed(error: unknown): void;
}

/** One request until it is answered or its client is gone. */
interface Exchange {
  readonly response: UwsResponse;
  readonly serving: Serving;
  isOver: boolean;
  onOver: () => void;
}

export function serve(response: UwsResponse, request: UwsRequest, serving: Serving): void {
  const exchange: Exchange = { response, serving, isOver: false, onOver: () => {} };
  response.onAborted(() => over(exchange));
  serving.began();
  guard(exchange, () => begin(exchange, readHead(response, request)));
}

function begin(exchange: Exchange, head: HttpRequest): void {
  const { serving } = exchange;
  let work: Work;
  try {
    work = serving.find(head);
    if (Number(head.header('content-length')) > work.bodyLimitBytes) throw tooLarge(work.bodyLimitBytes);
  } catch (error) {
    answer(exchange, head, serving.refuse(head, error), hasBody(head));
    return;
  }
  const { handle, bodyLimitBytes } = work;
  readBody(exchange, bodyLimitBytes, (body) => {
    if (body instanceof Error) {
      answer(exchange, head, serving.refuse(head, body), true);
      return;
    }
    run(() => handle(head, body)).then(
      (reply) => guard(exchange, () => answer(exchange, head, reply, false)),
      (error: unknown) => guard(exchange, () => answer(exchange, head, serving.refuse(head, error), false)),
    );
  });
}

/** A synchronous throw becomes a rejection. */
const run = async (work: () => HttpReply | Promise<HttpReply>): Promise<HttpReply> => work();

function readBody(exchange: Exchange, limitBytes: number, then: (body: Buffer | Error) => void): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let isRead = false;
  const settle = (body: Buffer | Error): void => {
    isRead = true;
    clearTimeout(timer);
    guard(exchange, () => then(body));
  };
  const { bodyTimeoutMs } = exchange.serving;
  const timer = setTimeout(() => settle(new SluiceError('request.timeout', `${bodyTimeoutMs} ms`)), bodyTimeoutMs);
  exchange.onOver = () => clearTimeout(timer);
  exchange.response.onData((chunk, isLast) => {
    if (isRead) return;
    sizeBytes += chunk.byteLength;
    // uWebSockets.js takes the chunk's memory back when this call returns: concat copies it.
    if (sizeBytes > limitBytes) settle(tooLarge(limitBytes));
    else chunks.push(Buffer.concat([Buffer.from(chunk)]));
    if (isLast && !isRead) settle(Buffer.concat(chunks));
  });
}

const tooLarge = (limitBytes: number): SluiceError =>
  new SluiceError('request.tooLarge', `at most ${limitBytes} bytes`);

const hasBody = (head: HttpRequest): boolean =>
  head.header('transfer-encoding') !== '' || Number(head.header('content-length')) > 0;

/** Of those many requests that have none. */
const noQuery = new URLSearchParams();
const queryOf = (text: string | undefined): URLSearchParams =>
  text === undefined || text === '' ? noQuery : new URLSearchParams(text);

function readHead(response: UwsResponse, request: UwsRequest): HttpRequest {
  const headers = new Map<string, string>();
  request.forEach((name, value) => {
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  });
  return {
    method: request.getMethod().toUpperCase(),
    path: request.getUrl(),
    query: queryOf(request.getQuery()),
    clientIp: Buffer.from(response.getRemoteAddressAsText()).toString('latin1'),
    header: (name) => headers.get(name) ?? '',
  };
}

/** `mustClose`: a body was not read to its end, and its rest would be taken for the next request. */
function answer(exchange: Exchange, head: HttpRequest, given: HttpReply, mustClose: boolean): void {
  if (exchange.isOver) return;
  const { response } = exchange;
  const { status, headers = {}, body = '' } = exchange.serving.finish(head, given);
  over(exchange);
  response.cork(() => {
    response.writeStatus(statusLine(status));
    for (const [name, value] of Object.entries(headers)) response.writeHeader(name, value);
    // Without an argument no Content-Length is written, as RFC 9110 8.6 wants it for these.
    if (status === 204 || status === 304) response.endWithoutBody();
    else if (head.method === 'HEAD') response.endWithoutBody(Buffer.byteLength(body), mustClose);
    else response.end(body, mustClose);
  });
}

function over(exchange: Exchange): void {
  if (exchange.isOver) return;
  exchange.isOver = true;
  exchange.onOver();
  exchange.serving.ended();
}

/** What a step throws closes the connection and never reaches uWebSockets.js. */
function guard(exchange: Exchange, step: () => void): void {
  try {
    step();
  } catch (error) {
    exchange.serving.failed(error);
    over(exchange);
    try {
      exchange.response.close();
    } catch {
      // Answered or aborted already: nothing is left to close.
    }
  }
}
