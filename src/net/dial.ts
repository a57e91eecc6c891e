/** Dials an RTMP source: the addresses that the guard has passed, one after the other, and no name again. */
import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, rootCertificates, type SecureContext, TLSSocket } from 'node:tls';
import type { RtmpUrl } from '../core/rtmp/url.js';
import { type ErrorCode, readThrown, SluiceError } from '../errors.js';

/** How the bytes of one connection are read; without `onread` by Node's streams. */
export interface Reads {
  readonly onread?: OnReadOpts;
}

export interface DialOptions<R extends Reads> {
  readonly url: RtmpUrl;
  readonly addresses: readonly { readonly address: string; readonly family: 4 | 6 }[];
  /** Authorities that are trusted beside the public ones, PEM; empty: none. */
  readonly caPem: string;
  /** For all addresses together, TLS included; each gets its share of what is left. */
  readonly timeoutMs: number;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  /** Called for each connection that is tried. */
  readonly createReads: () => R;
}

export interface Dialled<R extends Reads> {
  readonly socket: Socket;
  readonly reads: R;
}

/** Errors: SluiceError with the reason of the last address, also when the signal aborts. */
export async function dial<R extends Reads>(options: DialOptions<R>): Promise<Dialled<R>> {
  const { addresses, timeoutMs, nowMs, signal } = options;
  const endMs = nowMs() + timeoutMs;
  let failure = new SluiceError('source.nameNotResolved', 'the name has no address');
  for (const [index, { address }] of addresses.entries()) {
    const shareMs = Math.max(1, endMs - nowMs()) / (addresses.length - index);
    try {
      return await connect(options, address, shareMs);
    } catch (error) {
      failure = toFailure(error);
    }
    if (signal.aborted) break;
  }
  throw failure;
}

function connect<R extends Reads>(options: DialOptions<R>, address: string, timeoutMs: number): Promise<Dialled<R>> {
  const { url, caPem, signal } = options;
  const reads = options.createReads();
  const { onread } = reads;
  const target = { host: address, port: url.port, noDelay: true, ...(onread === undefined ? {} : { onread }) };
  const isSecure = url.scheme === 'rtmps';
  // The certificate is checked against the name of the URI; without a name, against the address.
  const servername = isIP(url.host) === 0 ? url.host : '';
  const socket = isSecure
    ? connectTls({ ...target, servername, rejectUnauthorized: true, secureContext: trust(caPem) })
    : connectTcp(target);
  return new Promise((resolve, reject) => {
    const give = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('close', onClose);
      settle();
    };
    const fail = (error: Error): void => {
      socket.destroy();
      give(() => reject(socket instanceof TLSSocket ? (distrust(socket) ?? error) : error));
    };
    const onAbort = (): void => fail(new SluiceError('source.timeout', 'given up'));
    const onClose = (): void => fail(new SluiceError('source.unreachable', 'the connection was closed at once'));
    const onLate = (): void => fail(new SluiceError('source.timeout', 'no connection'));
    const timer = setTimeout(onLate, timeoutMs);
    // Stays for good: an error after the connection stands shows as its close.
    socket.on('error', fail);
    socket.once('close', onClose);
    socket.once(isSecure ? 'secureConnect' : 'connect', () => give(() => resolve({ socket, reads })));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

const reasons: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['ECONNREFUSED', 'source.refused'],
  ['ETIMEDOUT', 'source.timeout'],
  ['EPROTO', 'source.protocol'],
]);

/** OpenSSL's or Node's name for what is wrong with the certificate; null when something else failed. */
function distrust({ authorizationError }: TLSSocket): SluiceError | null {
  // A string, whatever its type says; null, or not there, while no certificate was refused.
  return authorizationError ? new SluiceError('source.untrusted', String(authorizationError)) : null;
}

let trusted: { readonly caPem: string; readonly context: SecureContext } | null = null;

/** Made once a thread: reading the public authorities takes some milliseconds. */
function trust(caPem: string): SecureContext {
  if (trusted?.caPem !== caPem) {
    trusted = { caPem, context: createSecureContext(caPem === '' ? {} : { ca: [...rootCertificates, caPem] }) };
  }
  return trusted.context;
}

/** The code says it all; the system's words are left out. */
function toFailure(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const { code } = readThrown(error);
  const reason = reasons.get(code) ?? (code.startsWith('ERR_SSL') ? 'source.protocol' : 'source.unreachable');
  return new SluiceError(reason, code);
}
