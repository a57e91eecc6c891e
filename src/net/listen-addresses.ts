/** The addresses of this machine that media is sent from. */

/** What node:os tells of one address. */
interface InterfaceAddress {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}

type Interfaces = Readonly<Record<string, readonly InterfaceAddress[] | undefined>>;

const loopback = '127.0.0.1';

/**
 * Every address of this machine that another one can reach; each is bound by itself, because answers from a socket
 * bound to all addresses may leave from another one than was asked (docs/browsers.md). Loopback only where there is no other
 * IPv4 address: a browser on this machine reaches the others too, and one elsewhere would only knock at itself.
 */
export function listenAddresses(interfaces: Interfaces): readonly string[] {
  const all = Object.values(interfaces).flatMap((infos) => infos ?? []);
  const outer = all.filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address));
  const v4 = outer.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
  const v6 = outer.filter(({ family }) => family === 'IPv6').map(({ address }) => address);
  return [...new Set([...(v4.length > 0 ? v4 : [loopback]), ...v6])];
}
