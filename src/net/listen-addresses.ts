/** The addresses of this machine for media. */

/** As node:os has them. */
interface InterfaceAddress {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}

type Interfaces = Readonly<Record<string, readonly InterfaceAddress[] | undefined>>;

const loopback = '127.0.0.1';

/**
 * Every address of this machine that other machines can reach, of the interfaces that the filter takes ("eth0", "!docker*"; see
 * `takesInterface`). Each gets a socket of its own, because a reply from a socket
 * bound to all addresses may have another source address than the request was sent to (docs/browsers.md). Loopback only without
 * any other IPv4 address: local browsers reach the other ones too, and remote browsers would check candidates on themselves.
 */
export function listenAddresses(interfaces: Interfaces, filter: readonly string[] = []): readonly string[] {
  const all = Object.entries(interfaces).flatMap(([name, infos]) =>
    takesInterface(filter, name) ? (infos ?? []) : [],
  );
  const outer = all.filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address));
  const v4 = outer.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
  const v6 = outer.filter(({ family }) => family === 'IPv6').map(({ address }) => address);
  return [...new Set([...(v4.length > 0 ? v4 : [loopback]), ...v6])];
}

/** `!` leaves out, `*` stands for any text. Without a pattern that takes, all are taken that none leaves out. */
function takesInterface(filter: readonly string[], name: string): boolean {
  const matches = (pattern: string): boolean =>
    new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(name);
  const [denied, allowed] = [filter.filter((one) => one.startsWith('!')), filter.filter((one) => !one.startsWith('!'))];
  if (denied.some((one) => matches(one.slice(1)))) return false;
  return allowed.length === 0 || allowed.some(matches);
}
