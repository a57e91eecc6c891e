/** Dials a source: the addresses that the guard has passed, one after the other, and no name again. */
import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net';
import type { RtmpUrl } from '../core/rtmp/url.js';
import { type ErrorCode, readThrown, SluiceError } from '../errors.js';

/** How the bytes of one connection are read; without `onread` by Node's streams. */
export interface Reads {
  readonly onread?: OnReadOpts;
}

/** What is dialled; the certificate of one by TLS is checked against the host's name. */
export interface DialTarget {
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
}

export const dialTarget = ({ scheme, host, port }: RtmpUrl): DialTarget => ({ isTls: scheme === 'rtmps', host, port });

export interface DialOptions<R extends Reads> {
  readonly target: DialTarget;
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
  /** The one of the addresses that answered. */
  readonly address: string;
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

async function connect<R extends Reads>(
  options: DialOptions<R>,
  address: string,
  timeoutMs: number,
): Promise<Dialled<R>> {
  const { target, caPem, signal } = options;
  const reads = options.createReads();
  const { onread } = reads;
  const place = { host: address, port: target.port, noDelay: true, ...(onread === undefined ? {} : { onread }) };
  const tls = target.isTls ? await import('./tls.js') : null;
  const socket = tls?.connectTls(place, target.host, caPem) ?? connectTcp(place);
  return new Promise((resolve, reject) => {
    const give = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('close', onClose);
      settle();
    };
    const fail = (error: Error): void => {
      socket.destroy();
      give(() => reject(tls?.distrust(socket) ?? error));
    };
    const onAbort = (): void => fail(new SluiceError('source.timeout', 'given up'));
    const onClose = (): void => fail(new SluiceError('source.unreachable', 'the connection was closed at once'));
    const onLate = (): void => fail(new SluiceError('source.timeout', 'no connection'));
    const timer = setTimeout(onLate, timeoutMs);
    // Stays for good: an error after the connection stands shows as its close.
    socket.on('error', fail);
    socket.once('close', onClose);
    socket.once(tls === null ? 'connect' : 'secureConnect', () => give(() => resolve({ socket, reads, address })));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

const reasons: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['ECONNREFUSED', 'source.refused'],
  ['ETIMEDOUT', 'source.timeout'],
  ['EPROTO', 'source.protocol'],
]);

/** The code says it all; the system's words are left out. */
function toFailure(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const { code } = readThrown(error);
  const reason = reasons.get(code) ?? (code.startsWith('ERR_SSL') ? 'source.protocol' : 'source.unreachable');
  return new SluiceError(reason, code);
}
