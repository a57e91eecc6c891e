/**
 * The only file that touches responses of uWebSockets.js. An exception inside one of its handlers ends the process
 * (std::terminate), and so does a write after an abort. Therefore `onAborted` is set first, every step runs in a try
 * block, and each exchange records whether it is over.
 */
import type { HttpRequest as UwsRequest, HttpResponse as UwsResponse } from 'uWebSockets.js';
import { monotonicMs } from '../clock.js';
import type { ReadClient } from '../core/guard/client.js';
import { SluiceError } from '../errors.js';
import { readConnection } from './connection.js';
import {
  type EventSource,
  type Handle,
  type HttpReply,
  type HttpRequest,
  type ReplyStream,
  statusLine,
} from './http.js';
import { giveBody, pump, writeHead } from './reply-stream.js';
import { checkHead, hasBody, hasTwoHosts, queryOf } from './request-head.js';

/** A route that was found for a request. */
export interface Work {
  /** The largest body that is accepted. */
  readonly bodyLimitBytes: number;
  readonly handle: Handle;
}

export interface Serving {
  readonly bodyTimeoutMs: number;
  readonly readClient: ReadClient;
  /** Finds the route, or throws a refusal, before any of the body is read. */
  find(request: HttpRequest): Work;
  /** The reply to a thrown error. */
  refuse(request: HttpRequest, error: unknown): HttpReply;
  /** Adds the headers that every reply to this request has, such as CORS. */
  finish(request: HttpRequest, reply: HttpReply): HttpReply;
  /** Called for each request, and `ended` when it is answered or its client is gone. */
  began(): void;
  ended(): void;
  /** Called when the reply itself failed by an exception; the connection is closed. */
  failed(error: unknown): void;
}

/** One request until it is answered or its client is gone. */
interface Exchange {
  readonly response: UwsResponse;
  readonly serving: Serving;
  isOver: boolean;
  /**
   * The connection ends with the answer, and whatever follows on it is never served. uWebSockets.js takes a PROXY protocol
   * preface before each request of a connection, also one that the client made up. And it takes chunks whose sizes end in
   * a bare LF: behind a proxy that reads them otherwise, their rest would be a request that the proxy has not seen.
   */
  mustClose: boolean;
  /** Its events go on: it is not waited for when the server closes. */
  isStreaming: boolean;
  onOver: () => void;
}

export function serve(response: UwsResponse, request: UwsRequest, serving: Serving): void {
  const exchange: Exchange = {
    response,
    serving,
    isOver: false,
    mustClose: false,
    isStreaming: false,
    onOver: () => {},
  };
  response.onAborted(() => over(exchange));
  serving.began();
  guard(exchange, () => {
    const connection = readConnection(response, request);
    const { prefaceIp, header } = connection;
    exchange.mustClose = prefaceIp !== '' || header('transfer-encoding') !== '' || hasTwoHosts(header);
    begin(exchange, {
      method: request.getMethod().toUpperCase(),
      path: request.getUrl(),
      query: queryOf(request.getQuery()),
      client: serving.readClient(connection),
      header,
    });
  });
}

function begin(exchange: Exchange, head: HttpRequest): void {
  const { serving } = exchange;
  let work: Work;
  try {
    checkHead(head);
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
    // uWebSockets.js reuses the chunk's memory after this call: concat copies it.
    if (sizeBytes > limitBytes) settle(tooLarge(limitBytes));
    else chunks.push(Buffer.concat([Buffer.from(chunk)]));
    if (isLast && !isRead) settle(Buffer.concat(chunks));
  });
}

const tooLarge = (limitBytes: number): SluiceError =>
  new SluiceError('request.tooLarge', `at most ${limitBytes} bytes`);

/** RFC 9110 15.3.5 and 15.4.5. */
const isWithoutBody = (status: number): boolean => status === 204 || status === 304;
const hasNoBody = ({ method }: HttpRequest, { status }: HttpReply): boolean =>
  method === 'HEAD' || isWithoutBody(status);

/**
 * What has no body is written at once, and waits in the connection of who does not read. uWebSockets.js does not say which requests
 * are of one connection, so none is counted: one answer in so many is the last of its connection, whosever that is.
 */
const oneIn = 200;
const isLastByChance = (head: HttpRequest, given: HttpReply): boolean =>
  hasNoBody(head, given) && Math.random() * oneIn < 1;

/** `isCutShort`: the body was not read to its end; the rest would be parsed as the next request. */
function answer(exchange: Exchange, head: HttpRequest, given: HttpReply, isCutShort: boolean): void {
  if (!exchange.mustClose && !isCutShort && !isLastByChance(head, given)) {
    write(exchange, head, given, false);
    return;
  }
  // What came in one piece with the request would be served as a second one after an answer at once, in spite of the close.
  // A request that has no answer yet lets uWebSockets.js close the connection instead; a paused one takes nothing more.
  setImmediate(() =>
    guard(exchange, () => {
      if (!exchange.isOver) exchange.response.pause();
      write(exchange, head, given, true);
    }),
  );
}

function write(exchange: Exchange, head: HttpRequest, given: HttpReply, mustClose: boolean): void {
  if (exchange.isOver) {
    given.stream?.close();
    return;
  }
  const { response } = exchange;
  const reply = exchange.serving.finish(head, given);
  const { status, headers = {}, body = '', events, stream: long, maxWaitingBytes = 0 } = reply;
  if (events !== undefined && head.method === 'GET') {
    stream(exchange, status, headers, events, maxWaitingBytes);
    return;
  }
  const lastHeaders = mustClose ? { ...headers, Connection: 'close' } : headers;
  if (long !== undefined && head.method !== 'HEAD') {
    writeStream(exchange, statusLine(status), lastHeaders, long);
    return;
  }
  long?.close();
  const hasNone = isWithoutBody(status);
  const sizeBytes = long?.sizeBytes ?? Buffer.byteLength(body);
  if (!hasNone && head.method !== 'HEAD' && !(mustClose && sizeBytes <= atOnceBytes)) {
    writeBody(exchange, statusLine(status), lastHeaders, body);
    return;
  }
  over(exchange);
  response.cork(() => {
    writeHead(response, statusLine(status), headers);
    if (hasNone) {
      // Without an argument no Content-Length is written (RFC 9110 8.6), and then only the client can close.
      if (mustClose) response.writeHeader('Connection', 'close');
      response.endWithoutBody();
    } else if (head.method === 'HEAD') response.endWithoutBody(sizeBytes, mustClose);
    else response.end(body, mustClose);
  });
}

function writeBody(
  exchange: Exchange,
  status: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): void {
  const { response } = exchange;
  giveBody(response, () => writeHead(response, status, headers), body, {
    onDone: () => over(exchange),
    guarded: (step) => guard(exchange, step),
  });
}

/** It is over when all is written, or its client is gone. The connection ends with it. */
function writeStream(
  exchange: Exchange,
  status: string,
  headers: NonNullable<HttpReply['headers']>,
  stream: ReplyStream,
): void {
  const { response } = exchange;
  response.cork(() => writeHead(response, status, headers));
  pump(response, stream, () => exchange.isOver).then(
    () => over(exchange),
    (error: unknown) =>
      guard(exchange, () => {
        throw error;
      }),
  );
}

/** A last answer that is not longer goes to the connection as a whole, which closes when that has left. */
const atOnceBytes = 16_384;
/** How long events may wait for their client. */
const maxWaitingMs = 20_000;

/** A client that does not read what it is sent is closed: it asks again, and gets the newest. */
function stream(
  exchange: Exchange,
  status: number,
  headers: Readonly<Record<string, string>>,
  events: EventSource,
  maxWaitingBytes: number,
): void {
  const { response } = exchange;
  exchange.isStreaming = true;
  exchange.serving.ended();
  response.cork(() => writeHead(response, statusLine(status), headers));
  let waitingBytes = 0;
  let waitingSinceMs = 0;
  const isTooMuch = (isTaken: boolean, bytes: number): boolean => {
    if (waitingBytes === 0) waitingSinceMs = monotonicMs();
    waitingBytes = isTaken ? 0 : waitingBytes + bytes;
    return waitingBytes > maxWaitingBytes || (!isTaken && monotonicMs() - waitingSinceMs > maxWaitingMs);
  };
  const send = (text: string): void => {
    if (exchange.isOver) return;
    guard(exchange, () => {
      let isTaken = true;
      response.cork(() => {
        isTaken = response.write(text);
      });
      if (isTooMuch(isTaken, text.length)) response.close();
    });
  };
  const end = (): void => {
    if (exchange.isOver) return;
    guard(exchange, () => {
      over(exchange);
      response.cork(() => response.end('', exchange.mustClose));
    });
  };
  exchange.onOver = events(send, end);
  if (exchange.isOver) exchange.onOver();
}

function over(exchange: Exchange): void {
  if (exchange.isOver) return;
  exchange.isOver = true;
  exchange.onOver();
  if (!exchange.isStreaming) exchange.serving.ended();
}

/** An exception of a step closes the connection and never reaches uWebSockets.js. */
function guard(exchange: Exchange, step: () => void): void {
  try {
    step();
  } catch (error) {
    exchange.serving.failed(error);
    over(exchange);
    try {
      exchange.response.close();
    } catch {
      // Already answered or aborted.
    }
  }
}
