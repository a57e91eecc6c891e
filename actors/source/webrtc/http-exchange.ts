/** One request of HTTP over a connection that is already dialled: the guard has passed its address, and no name is asked again. */
import { request as openRequest } from 'node:http';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { WebTarget } from '../../../src/core/source/address.js';
import { readThrown, SluiceError } from '../../../src/errors.js';
import { hostOf } from './signalling.js';

export interface Exchange {
  readonly socket: Socket;
  readonly target: WebTarget;
  readonly method: 'POST' | 'DELETE';
  /** Sent as SDP; null: none. */
  readonly body: string | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Empty without one. */
  readonly location: string;
  readonly body: string;
}

const maxAnswerBytes = 131_072;

/** The connection is closed behind it. Errors: source.*. */
export async function exchange({ socket, target, method, body, timeoutMs, signal }: Exchange): Promise<HttpAnswer> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const request = openRequest({
      createConnection: () => socket,
      method,
      path: target.path,
      headers: headersOf(target, body),
      signal: AbortSignal.any([signal, late]),
    });
    const answer = await new Promise<HttpAnswer>((resolve, reject) => {
      request.on('error', reject);
      request.once('response', (response) => {
        let sizeBytes = 0;
        response.on('data', (chunk: Buffer) => {
          sizeBytes += chunk.length;
          if (sizeBytes > maxAnswerBytes) response.destroy(new Error('its answer is too long'));
        });
        const { statusCode: status = 0, headers } = response;
        buffer(response)
          .then((bytes) => resolve({ status, location: headers.location ?? '', body: bytes.toString() }))
          .catch(reject);
      });
      request.end(body ?? undefined);
    });
    return answer;
  } catch (error) {
    if (late.aborted) throw new SluiceError('source.timeout', `no answer to ${method}`);
    const { code } = readThrown(error);
    // What its bytes are is left out: they may be anything.
    throw new SluiceError(code.startsWith('HPE_') ? 'source.protocol' : 'source.rejected', code || 'it broke off');
  } finally {
    socket.destroy();
  }
}

function headersOf(target: WebTarget, body: string | null): Record<string, string | number> {
  const { authorization } = target;
  return {
    Host: hostOf(target),
    Connection: 'close',
    ...(authorization === null ? {} : { Authorization: authorization }),
    ...(body === null ? {} : { 'Content-Type': 'application/sdp', 'Content-Length': Buffer.byteLength(body) }),
    Accept: 'application/sdp',
  };
}
