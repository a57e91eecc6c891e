/**
 * Which addresses and ports may be dialled for whom (ARCHITECTURE.md, Access). It judges addresses that a look-up gave, never
 * spellings: whatever was written, the checked address is the one that is dialled.
 *
 * Public is what the IANA registries of special-purpose addresses (RFC 6890 and its updates) leave: in IPv4 all that has
 * no special range, in IPv6 only 2000::/3 without its special parts. An IPv4 address inside an IPv6 one (mapped, RFC
 * 4291 2.5.5.2; NAT64, RFC 6052) counts as the IPv4 address that it reaches; tunnels (6to4, Teredo) are never public.
 *
 * REST and the configuration may name any address, but it is the source's word where a redirect goes: to special ranges only
 * of the kind that the source itself is in.
 */
import ipaddr from 'ipaddr.js';
import { SluiceError } from '../../errors.js';
import { type Address, isWithin, parseAddress, parseRange, type Range } from './ip-address.js';

/** `demo` is the server's own source, `edge` another node of its cluster. */
export type DialOrigin = 'rest' | 'viewer' | 'config' | 'demo' | 'edge';

export interface AddressRules {
  /** Ranges ("10.0.0.0/8", or one address) that viewers' pulls may dial although they are not public. */
  readonly viewerAllow: readonly string[];
  /** Ranges that the pulls of REST and of the configuration must not dial. */
  readonly restDeny: readonly string[];
  /** Special ranges that redirects of those pulls may go to from anywhere. */
  readonly restAllow: readonly string[];
  /** Ports that viewers' pulls may dial; empty: any. */
  readonly viewerPorts: readonly number[];
}

/** The source that redirects, as it was dialled by the pull's own address. */
export interface RedirectedFrom {
  readonly address: string;
  readonly port: number;
}

export interface AddressGuard {
  /** False for what is no address. `from`: null for the pull's own address. */
  allows(address: string, origin: DialOrigin, from: RedirectedFrom | null): boolean;
  allowsPort(port: number, origin: DialOrigin, from: RedirectedFrom | null): boolean;
}

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
/** Special parts of 2000::/3: RFC 2928 and its children (Teredo, benchmarking, ORCHID), RFC 3849, 9637, 3056, 7535. */
const specialV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '2620:4f:8000::/48'].map((range) =>
  ipaddr.IPv6.parseCIDR(range),
);
/** Of those below 1024 the ones that RTMP goes by. */
const redirectPorts: ReadonlySet<number> = new Set([80, 443]);
const firstUserPort = 1024;
/** Other services' ports from there on, of those that a browser dials for nobody (Fetch, Port blocking). */
const otherServices: ReadonlySet<number> = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080,
]);
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** Errors: config.invalid for a range that cannot be read. */
export function createAddressGuard(rules: AddressRules): AddressGuard {
  const viewerAllow = rules.viewerAllow.map((range) => readRange('pulls.viewerAllow', range));
  const restDeny = rules.restDeny.map((range) => readRange('pulls.restDeny', range));
  const restAllow = rules.restAllow.map((range) => readRange('pulls.restAllow', range));
  const ports = new Set(rules.viewerPorts);
  return {
    allows(text, origin, from) {
      const address = reached(text);
      if (address === null) return false;
      switch (origin) {
        case 'demo':
        case 'edge':
          return true;
        case 'rest':
        case 'config':
          return !isWithin(address, restDeny) && (from === null || mayRedirect(address, from, restAllow));
        case 'viewer':
          return isPublic(address) || isWithin(address, viewerAllow);
      }
    },
    allowsPort(port, origin, from) {
      if (origin === 'viewer' && ports.size > 0 && !ports.has(port)) return false;
      if (from === null || port === from.port) return true;
      return redirectPorts.has(port) || (port >= firstUserPort && !otherServices.has(port));
    },
  };
}

function mayRedirect(address: Address, from: RedirectedFrom, restAllow: readonly Range[]): boolean {
  if (isPublic(address) || isWithin(address, restAllow)) return true;
  const own = reached(from.address);
  return own !== null && !isPublic(own) && kindOf(own) === kindOf(address);
}

/** Private networks are of one kind in both families (RFC 1918, RFC 4193). */
function kindOf(address: Address): string {
  const range = address.range();
  return range === 'uniqueLocal' ? 'private' : range;
}

/** True for an address of the public internet; false for anything else, text that is no address included. */
export function isPublicAddress(text: string): boolean {
  const address = reached(text);
  return address !== null && isPublic(address);
}

function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast';
  return address.match(globalUnicast) && !specialV6.some((range) => address.match(range));
}

/** The address that packets reach. Null for what is no address; an IPv6 zone is for link-local ones, which stay so. */
function reached(text: string): Address | null {
  const address = parseAddress(text);
  if (address === null || address instanceof ipaddr.IPv4 || !address.match(nat64)) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

function readRange(key: string, text: string): Range {
  const range = parseRange(text);
  if (range !== null) return range;
  throw new SluiceError('config.invalid', `${key}: "${text}" is no address and no range such as 10.0.0.0/8`);
}
