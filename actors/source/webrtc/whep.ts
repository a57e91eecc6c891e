/** A WHEP endpoint as a source (draft-ietf-wish-whep-04): POST of the offer, DELETE of the session. Trickle ICE is not needed. */
import { WireError } from '../../../src/core/bytes/wire-error.js';
import type { RedirectedFrom } from '../../../src/core/guard/address.js';
import { parseSourceUri, type WebTarget } from '../../../src/core/source/address.js';
import { type ErrorCode, SluiceError } from '../../../src/errors.js';
import { exchange, type HttpAnswer } from './http-exchange.js';
import {
  dialSignalling,
  hostOf,
  type Signalling,
  type SignallingOptions,
  type SignallingSocket,
} from './signalling.js';

const maxRedirects = 3;
/** A server may hold its answer back until its stream is there. */
const waits = 2;
/** A farewell takes no longer, in ms. */
const farewellMs = 500;

interface Endpoint {
  readonly target: WebTarget;
  readonly dialled: SignallingSocket;
}

/** Errors: source.*. */
export async function openWhep(options: SignallingOptions): Promise<Signalling> {
  const first = { target: options.target, dialled: await dialSignalling(options, options.target, null) };
  const from: RedirectedFrom = { address: first.dialled.address, port: first.target.port };
  let session: WebTarget | null = null;

  const ask = async (offerSdp: string, endpoint: Endpoint, redirects: number): Promise<string> => {
    const { target, dialled } = endpoint;
    const { settings, signal } = options;
    const timeoutMs = waits * settings.dialogueTimeoutMs;
    const { socket } = dialled;
    const answer = await exchange({ socket, target, method: 'POST', body: offerSdp, timeoutMs, signal });
    if (isRedirect(answer)) {
      if (redirects >= maxRedirects) throw new SluiceError('source.rejected', `more than ${maxRedirects} redirects`);
      const next = targetOf(answer.location, target);
      return ask(offerSdp, { target: next, dialled: await dialSignalling(options, next, from) }, redirects + 1);
    }
    if (answer.status !== 201 && answer.status !== 200) throw refusal(answer);
    session = answer.location === '' ? null : targetOf(answer.location, target);
    return answer.body;
  };

  return {
    from,
    localAddress: first.dialled.socket.localAddress ?? '',
    remoteSessionId: null,
    negotiate: (offerSdp) => ask(offerSdp, first, 0),
    async close() {
      first.dialled.socket.destroy();
      const target = session;
      session = null;
      if (target === null) return;
      const signal = AbortSignal.timeout(farewellMs);
      const { socket } = await dialSignalling({ ...options, signal }, target, from);
      await exchange({ socket, target, method: 'DELETE', body: null, timeoutMs: farewellMs, signal });
    },
  };
}

/** Those that keep the method (RFC 9110 15.4). */
const isRedirect = ({ status, location }: HttpAnswer): boolean => (status === 307 || status === 308) && location !== '';

/** Credentials are for the host that they were given for. Error: source.rejected. */
function targetOf(location: string, base: WebTarget): WebTarget {
  const root = `${base.isTls ? 'https' : 'http'}://${hostOf(base)}${base.path}`;
  try {
    const address = parseSourceUri(new URL(location, root).href);
    if (address.kind !== 'whep') throw new WireError('whep', 'it is no address of HTTP');
    const { target } = address;
    const isSame = target.isTls === base.isTls && hostOf(target) === hostOf(base);
    return { ...target, authorization: isSame ? base.authorization : target.authorization };
  } catch (error) {
    if (!(error instanceof WireError || error instanceof TypeError)) throw error;
    throw new SluiceError('source.rejected', 'its Location cannot be read');
  }
}

const reasons: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [401, 'source.notAuthorised'],
  [403, 'source.notAuthorised'],
  [404, 'source.notFound'],
  // Nothing plays there yet.
  [409, 'source.noMedia'],
]);

function refusal({ status }: HttpAnswer): SluiceError {
  return new SluiceError(reasons.get(status) ?? 'source.rejected', `WHEP answered ${status}`);
}
