/** The addresses that an actor's media port is bound to, and the candidates that viewers are told. */
import type { NetworkInterfaceInfo } from 'node:os';
import type { Candidate } from '../../src/core/signal/sdp-answer.js';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

const loopback = '127.0.0.1';

/**
 * Every address of this machine that another one can reach; each is bound by itself, because answers from a socket
 * bound to all addresses may leave from another one than was asked (BROWSERS.md). Loopback only where there is no other
 * IPv4 address: a browser on this machine reaches the others too, and one elsewhere would only knock at itself.
 */
export function listenAddresses(interfaces: Interfaces): readonly string[] {
  const all = Object.values(interfaces).flatMap((infos) => infos ?? []);
  const outer = all.filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address));
  const v4 = outer.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
  const v6 = outer.filter(({ family }) => family === 'IPv6').map(({ address }) => address);
  return [...new Set([...(v4.length > 0 ? v4 : [loopback]), ...v6])];
}

/** RFC 8445 5.1.2.1, RFC 6544 4.2: host candidates, UDP before TCP; a passive one gets direction preference 2. */
function priorityOf(protocol: 'udp' | 'tcp', index: number): number {
  const typePreference = protocol === 'udp' ? 126 : 90;
  const localPreference = protocol === 'udp' ? 65_535 - index : 2 * 8192 + (8191 - index);
  return typePreference * 2 ** 24 + localPreference * 2 ** 8 + 255;
}

/** `addresses` in order of preference. */
export function candidatesOf(
  addresses: readonly string[],
  port: number,
  protocols: readonly ('udp' | 'tcp')[],
): readonly Candidate[] {
  return protocols.flatMap((protocol) =>
    addresses.map((address, index) => ({ address, port, protocol, priority: priorityOf(protocol, index) })),
  );
}
