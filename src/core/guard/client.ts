/**
 * Whose request it is. The address of a connection is that of the client, or that of a proxy; only a proxy in
 * `server.trustedProxies` is believed when it says for whom it asks (X-Forwarded-For, Forwarded, PROXY protocol 2).
 */
import { hidden, readForwarded, readForwardedFor } from './forwarded.js';
import { isWithin, parseAddress, parseRange } from './ip-address.js';
import { showsProxy } from './proxy-signs.js';

export interface Connection {
  /** Of the other end; empty for a unix socket. */
  readonly remoteIp: string;
  /** What a PROXY protocol preface names as the source; empty without one. */
  readonly prefaceIp: string;
  /** In lower case, each once. */
  readonly headerNames: Iterable<string>;
  /** `name`: in lower case. Empty when the header is absent; several of one name are joined by commas. */
  header(name: string): string;
}

/**
 * `direct`: nothing shows that a proxy stands between. `unix`: the same, by a unix socket. `forwarded`: the client of a
 * trusted proxy. `unknown`: a proxy asks, which is not trusted or does not say for whom: the address is no proof.
 */
export type Reach = 'direct' | 'unix' | 'forwarded' | 'unknown';

export interface Client {
  /** What limits and logs count by. Where it is unknown, that of the nearest hop that is known. */
  readonly ip: string;
  readonly reach: Reach;
}

export type ReadClient = (connection: Connection) => Client;

/** `trustedProxies`: addresses and ranges, which the configuration has checked; what is none trusts nobody. */
export function createClientReader(trustedProxies: readonly string[]): ReadClient {
  const ranges = trustedProxies.map(parseRange).filter((range) => range !== null);
  const isTrusted = (ip: string): boolean => {
    const address = parseAddress(ip);
    return address !== null && isWithin(address, ranges);
  };

  /** The nearest hop that is no trusted proxy. `hops`: the nearest one last. */
  const firstBehind = (hops: readonly string[], nearestIp: string): Client => {
    let ip = nearestIp;
    for (const hop of hops.toReversed()) {
      if (hop === hidden) return { ip, reach: 'unknown' };
      ip = hop;
      if (!isTrusted(hop)) return { ip, reach: 'forwarded' };
    }
    return { ip, reach: 'unknown' };
  };

  /** What the headers say behind a proxy at `nearestIp`. */
  const readHeaders = ({ header }: Connection, nearestIp: string): Client => {
    const [forwardedFor, forwarded] = [header('x-forwarded-for'), header('forwarded')];
    const tellings = [
      ...(forwardedFor === '' ? [] : [firstBehind(readForwardedFor(forwardedFor), nearestIp)]),
      ...(forwarded === '' ? [] : [firstBehind(readForwarded(forwarded), nearestIp)]),
    ];
    const [first, second = first] = tellings;
    // A proxy writes one of them and passes on what the client wrote into the other: neither is believed when they differ.
    if (first === undefined || first.ip !== second?.ip) return { ip: nearestIp, reach: 'unknown' };
    return first;
  };

  return (connection) => {
    const ip = parseAddress(connection.remoteIp)?.toString() ?? connection.remoteIp;
    if (!isTrusted(ip)) {
      if (connection.prefaceIp !== '' || showsProxy(connection.headerNames)) return { ip, reach: 'unknown' };
      return { ip, reach: ip === '' ? 'unix' : 'direct' };
    }
    if (connection.prefaceIp === '') return readHeaders(connection, ip);
    const sourceIp = parseAddress(connection.prefaceIp)?.toString() ?? connection.prefaceIp;
    return isTrusted(sourceIp) ? readHeaders(connection, sourceIp) : { ip: sourceIp, reach: 'forwarded' };
  };
}
