/** How an offer gets to a source and its answer back: by WHEP, or by the signalling of WCS. */
import type { RedirectedFrom } from '../../../src/core/guard/address.js';
import type { WebTarget } from '../../../src/core/source/address.js';
import { type ErrorCode, SluiceError } from '../../../src/errors.js';
import { type Dialled, dial } from '../../../src/net/dial.js';
import type { SourceAccess } from './access.js';

export interface SignallingOptions extends Pick<SourceAccess, 'origin' | 'settings' | 'resolve' | 'nowMs' | 'log'> {
  readonly target: WebTarget;
  /** Nothing goes on when it aborts. */
  readonly signal: AbortSignal;
  /** The source has ended the session; at most once, and only after `negotiate`. */
  readonly onEnded: (reason: ErrorCode, detail: string) => void;
}

export interface Signalling {
  /** Where the source was dialled by the pull's own address. */
  readonly from: RedirectedFrom;
  /** Ours, by which the source was reached. */
  readonly localAddress: string;
  /** How the source calls the session; null: not told. */
  readonly remoteSessionId: string | null;
  /** Gives the answer's SDP. Errors: source.*. */
  negotiate(offerSdp: string): Promise<string>;
  /** Tells the source that it is over; resolves when that is sent, or cannot be. */
  close(): Promise<void>;
}

export type SignallingSocket = Dialled<object>;

/** `from`: null for the pull's own address. Errors: source.*. */
export async function dialSignalling(
  { origin, settings, resolve, nowMs, signal }: SignallingOptions,
  target: WebTarget,
  from: RedirectedFrom | null,
): Promise<SignallingSocket> {
  const addresses = await resolve(target.host, origin, target.port, from);
  if (signal.aborted) throw new SluiceError('source.timeout', 'given up');
  const { connectTimeoutMs: timeoutMs, caPem } = settings;
  return dial({ target, addresses, caPem, timeoutMs, nowMs, signal, createReads: () => ({}) });
}

/** Of the header Host, and of an origin. */
export function hostOf({ isTls, host, port }: WebTarget): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (isTls ? 443 : 80) ? name : `${name}:${port}`;
}
