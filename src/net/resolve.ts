/**
 * The resolver of the process. It uses getaddrinfo, with hosts file and search domains. Each call occupies one of libuv's
 * 4 threads until it returns, even after our timeout: therefore at most 2 are in flight, and a dead DNS server blocks
 * neither the start of threads nor connections to IP addresses (ARCHITECTURE.md).
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { AddressGuard, DialOrigin, RedirectedFrom } from '../core/guard/address.js';
import { clientKey } from '../core/guard/ip-address.js';
import { createRateLimit } from '../core/guard/rate.js';
import { readThrown, SluiceError } from '../errors.js';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

interface ResolverOptions {
  readonly timeoutMs: number;
  readonly guard: AddressGuard;
  /** How often a minute all viewers together may have one address dialled; absent: as often as they like. */
  readonly viewerDialsPerMinute?: number;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** Replaces getaddrinfo in tests; rejects for a name that does not resolve. */
  readonly lookUp?: (hostname: string) => Promise<readonly ResolvedAddress[]>;
}

export interface Resolver {
  /**
   * The addresses to dial at this port, in order, filtered by the guard for this origin. Each call is a dialling. Errors:
   * source.nameNotResolved; source.addressDenied when the guard allows none, or not the port; source.unreachable when viewers
   * have dialled the host too often. `from`: where a redirect to it came from; null for a pull's own address.
   */
  resolve(
    hostname: string,
    origin: DialOrigin,
    port: number,
    from: RedirectedFrom | null,
  ): Promise<readonly ResolvedAddress[]>;
}

const maxInFlight = 2;
const maxWaiting = 1000;
const maxCached = 1000;
const cacheMs = 5000;
/** localhost is always resolved to loopback (RFC 6761 6.3). */
const localhost: readonly ResolvedAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

export function createResolver(options: ResolverOptions): Resolver {
  const { timeoutMs, guard, nowMs, lookUp = getAddresses } = options;
  const { viewerDialsPerMinute: perMinute = Number.MAX_SAFE_INTEGER } = options;
  const viewerDials = createRateLimit({ perMinute });
  const cache = new Map<string, { readonly addresses: readonly ResolvedAddress[]; readonly untilMs: number }>();
  const lookUps = new Map<string, Promise<readonly ResolvedAddress[]>>();
  const waiting: (() => void)[] = [];
  let inFlight = 0;

  const lookUpNow = async (name: string): Promise<readonly ResolvedAddress[]> => {
    if (inFlight >= maxInFlight) {
      if (waiting.length >= maxWaiting) throw new Error('too many names are being resolved');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      inFlight += 1;
    }
    try {
      const addresses = await lookUp(name);
      cache.delete(name);
      cache.set(name, { addresses, untilMs: nowMs() + cacheMs });
      for (const oldest of cache.keys()) {
        if (cache.size <= maxCached) break;
        cache.delete(oldest);
      }
      return addresses;
    } finally {
      // The next one in the queue takes the place, before any later caller.
      const next = waiting.shift();
      if (next === undefined) inFlight -= 1;
      else next();
    }
  };

  /** Concurrent callers share one look-up of a name, which goes on after their timeouts. */
  const lookUpShared = (name: string): Promise<readonly ResolvedAddress[]> => {
    const known = lookUps.get(name);
    if (known !== undefined) return known;
    const started = lookUpNow(name).finally(() => lookUps.delete(name));
    lookUps.set(name, started);
    return started;
  };

  const addressesOf = async (hostname: string): Promise<readonly ResolvedAddress[]> => {
    const family = isIP(hostname);
    if (family === 4 || family === 6) return [{ address: hostname, family }];
    const name = hostname.toLowerCase();
    if (/^(.+\.)?localhost\.?$/.test(name)) return localhost;
    const cached = cache.get(name);
    if (cached !== undefined && cached.untilMs > nowMs()) return cached.addresses;
    try {
      return await withDeadline(lookUpShared(name), timeoutMs);
    } catch (error) {
      throw new SluiceError('source.nameNotResolved', readThrown(error).message);
    }
  };

  return {
    async resolve(hostname, origin, port, from) {
      if (!guard.allowsPort(port, origin, from)) throw new SluiceError('source.addressDenied', `port ${port}`);
      const addresses = await addressesOf(hostname);
      if (addresses.length === 0) throw new SluiceError('source.nameNotResolved', 'the name has no address');
      const allowed = addresses.filter(({ address }) => guard.allows(address, origin, from));
      if (allowed.length === 0) throw new SluiceError('source.addressDenied');
      // By address: names of one are available without end.
      const first = clientKey(allowed[0]?.address ?? '');
      if (origin === 'viewer' && !viewerDials.take(first, nowMs())) {
        throw new SluiceError('source.unreachable', 'viewers have it dialled too often');
      }
      return allowed;
    },
  };
}

function withDeadline<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function getAddresses(hostname: string): Promise<readonly ResolvedAddress[]> {
  const found = await lookup(hostname, { all: true, verbatim: true });
  return found.flatMap(({ address, family }) => (family === 4 || family === 6 ? [{ address, family }] : []));
}
