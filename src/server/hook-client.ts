/**
 * Posts the calls of REST hooks to the back ends of applications (docs/wcs.md 5): a few at a time to each, every one within a
 * time. A back end that hangs costs its own callers that time, and nobody else anything.
 */
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as openHttp } from 'node:http';
import { Agent as HttpsAgent, request as openHttps } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { HookAnswer } from '../core/wcs/contract.js';
import type { HookFields } from '../core/wcs/hook-policy.js';
import { readThrown } from '../errors.js';
import { createResolver } from '../net/resolve.js';

interface HookClientOptions {
  /** Base addresses by application key. They may hold credentials: they are never logged. */
  readonly urls: ReadonlyMap<string, string>;
  /** From the call to the whole answer, ms; 0: no limit. */
  readonly timeoutMs: number;
  /** To one back end at the same time. */
  readonly maxConnections: number;
  readonly dnsTimeoutMs: number;
  readonly nowMs: () => number;
}

export interface HookClient {
  /** Never rejects: what goes wrong is an answer without a status. */
  post(appKey: string, method: string, body: HookFields): Promise<HookAnswer>;
  /** Resolves when what is under way is answered, or broken off after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** For one back end; beyond it a call fails at once. */
const maxWaiting = 2000;
const maxBodyBytes = 262_144;
const maxAnswerBytes = 65_536;

export function createHookClient({
  urls,
  timeoutMs,
  maxConnections,
  dnsTimeoutMs,
  nowMs,
}: HookClientOptions): HookClient {
  // Not by Node's own look-up: a dead DNS server would take all threads of libuv's pool (ARCHITECTURE.md).
  const resolver = createResolver({
    timeoutMs: dnsTimeoutMs,
    guard: { allows: () => true, allowsPort: () => true },
    nowMs,
  });
  const agentOptions = { keepAlive: true, maxSockets: maxConnections };
  const agents = { 'http:': new HttpAgent(agentOptions), 'https:': new HttpsAgent(agentOptions) };
  const waiting = new Map<string, number>();
  const closing = new AbortController();
  let count = 0;
  let onIdle = (): void => {};

  const open = (url: URL, length: number, signal: AbortSignal): ClientRequest => {
    const isTls = url.protocol === 'https:';
    return (isTls ? openHttps : openHttp)(url, {
      method: 'POST',
      agent: isTls ? agents['https:'] : agents['http:'],
      headers: { 'Content-Type': 'application/json', 'Content-Length': length },
      signal,
      lookup: (hostname, { all }, found) => {
        resolver.resolve(hostname, 'config', Number(url.port), null).then(
          (addresses) => {
            const [first] = addresses;
            if (all) found(null, [...addresses]);
            else found(null, first?.address ?? '', first?.family);
          },
          (error: Error) => found(error, ''),
        );
      },
    });
  };

  const exchange = async (url: URL, body: Buffer, signal: AbortSignal, isRetry = false): Promise<HookAnswer> => {
    const request = open(url, body.length, signal);
    try {
      const response = await responseTo(request, body);
      const text = (await limited(response)).toString();
      return { status: response.statusCode ?? 0, body: parse(text), error: '' };
    } catch (error) {
      // An idle connection may be closed by the back end at the moment in which it is used again.
      const isStale = request.reusedSocket && readThrown(error).code === 'ECONNRESET';
      if (isStale && !isRetry) return exchange(url, body, signal, true);
      throw error;
    }
  };

  return {
    async post(appKey, method, fields) {
      const ofBackEnd = waiting.get(appKey) ?? 0;
      if (ofBackEnd >= maxWaiting) return failed('too many calls wait for this back end');
      const body = bodyOf(fields);
      if (body === null) return failed(`the call cannot be written, or is longer than ${maxBodyBytes} bytes`);
      waiting.set(appKey, ofBackEnd + 1);
      count += 1;
      const late = timeoutMs === 0 ? [] : [AbortSignal.timeout(timeoutMs)];
      const signal = AbortSignal.any([closing.signal, ...late]);
      try {
        return await exchange(new URL(`${urls.get(appKey) ?? ''}/${method}`), body, signal);
      } catch (error) {
        const { code, message } = readThrown(error);
        return failed(late[0]?.aborted ? `no answer in ${timeoutMs} ms` : code || message);
      } finally {
        waiting.set(appKey, (waiting.get(appKey) ?? 1) - 1);
        count -= 1;
        if (count === 0) onIdle();
      }
    },
    async close(graceMs) {
      if (count > 0) {
        const isIdle = new Promise<void>((resolve) => {
          onIdle = resolve;
        });
        const late = new AbortController();
        await Promise.race([isIdle, delay(graceMs, undefined, { signal: late.signal }).catch(() => {})]);
        late.abort();
      }
      closing.abort();
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** Null: it is too long, or what it holds is no JSON (too deep, for example). */
function bodyOf(fields: HookFields): Buffer | null {
  try {
    const body = Buffer.from(JSON.stringify(fields));
    return body.length > maxBodyBytes ? null : body;
  } catch {
    return null;
  }
}

const failed = (error: string): HookAnswer => ({ status: null, body: undefined, error });

function responseTo(request: ClientRequest, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

async function limited(response: IncomingMessage): Promise<Buffer> {
  let sizeBytes = 0;
  response.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > maxAnswerBytes) response.destroy(new Error(`its answer is longer than ${maxAnswerBytes} bytes`));
  });
  return buffer(response);
}

/** Undefined for what is no JSON: a back end that says yes may say it with an empty body. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
