/**
 * Whether an RTMP source answers at an address that a viewer has named: before it does, no thread is started for it. It is
 * sent the client's first words (RTMP 1.0 5.2.2, C0 and C1), and has answered with the first byte of its own (S0).
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WireError } from '../core/bytes/wire-error.js';
import { createClientHandshake, handshakeRandomBytes } from '../core/rtmp/handshake.js';
import { parseRtmpUrl, type RtmpUrl } from '../core/rtmp/url.js';
import { readThrown, SluiceError } from '../errors.js';
import { dial, dialTarget } from './dial.js';
import type { ResolvedAddress } from './resolve.js';

export interface ProbeOptions {
  readonly uri: string;
  /** The addresses that may be dialled. Errors: source.*. */
  readonly resolve: (host: string, port: number) => Promise<readonly ResolvedAddress[]>;
  readonly caPem: string;
  /** For the connection, and for the answer. */
  readonly timeoutMs: number;
  /** Monotonic ms. */
  readonly nowMs: () => number;
}

const s0 = 3;

/** Resolves when the source has answered; the connection is closed. Errors: request.invalid, source.*. */
export async function probeSource({ uri, resolve, caPem, timeoutMs, nowMs }: ProbeOptions): Promise<void> {
  const url = read(uri);
  const addresses = await resolve(url.host, url.port);
  const signal = AbortSignal.timeout(2 * timeoutMs);
  const { socket } = await dial({
    target: dialTarget(url),
    addresses,
    caPem,
    timeoutMs,
    nowMs,
    signal,
    createReads: () => ({}),
  });
  try {
    socket.write(createClientHandshake(randomBytes(handshakeRandomBytes)).start());
    const answer = await firstByte(socket, timeoutMs);
    if (answer !== s0) throw new SluiceError('source.protocol', 'it does not answer as RTMP servers do');
  } finally {
    socket.destroy();
  }
}

function read(uri: string): RtmpUrl {
  try {
    return parseRtmpUrl(uri);
  } catch (error) {
    if (error instanceof WireError) throw new SluiceError('request.invalid', error.detail);
    throw error;
  }
}

async function firstByte(socket: Socket, timeoutMs: number): Promise<number> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const closed = once(socket, 'close', { signal: late.signal }).then(() => {
      throw new SluiceError('source.rejected', 'it closed the connection instead of answering');
    });
    const data: readonly unknown[] = await Promise.race([once(socket, 'data', { signal: late.signal }), closed]);
    const [bytes] = data;
    return bytes instanceof Uint8Array ? (bytes[0] ?? -1) : -1;
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    if (late.signal.aborted) throw new SluiceError('source.timeout', 'no answer to the handshake');
    throw new SluiceError('source.unreachable', readThrown(error).code);
  } finally {
    clearTimeout(timer);
    late.abort();
  }
}
