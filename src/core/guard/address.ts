/**
 * Which addresses may be dialled for whom (ARCHITECTURE.md, Access). It judges addresses that a look-up gave, never
 * spellings: whatever was written, the checked address is the one that is dialled.
 *
 * Public is what the IANA registries of special-purpose addresses (RFC 6890 and its updates) leave: in IPv4 all that has
 * no special range, in IPv6 only 2000::/3 without its special parts. An IPv4 address inside an IPv6 one (mapped, RFC
 * 4291 2.5.5.2; NAT64, RFC 6052) counts as the IPv4 address that it reaches; tunnels (6to4, Teredo) are never public.
 */
import ipaddr from 'ipaddr.js';
import { SluiceError } from '../../errors.js';

/** `demo` is the server's own source. */
export type DialOrigin = 'rest' | 'viewer' | 'config' | 'demo';

export interface AddressRules {
  /** Ranges ("10.0.0.0/8", or one address) that viewers' pulls may dial although they are not public. */
  readonly viewerAllow: readonly string[];
  /** Ranges that the pulls of REST and of the configuration must not dial. */
  readonly restDeny: readonly string[];
}

export interface AddressGuard {
  /** False for what is no address. */
  allows(address: string, origin: DialOrigin): boolean;
}

/** The longest address has 45, a zone behind it 15: longer text is none, and would take its time to be found so. */
const maxChars = 64;

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
/** Special parts of 2000::/3: RFC 2928 and its children (Teredo, benchmarking, ORCHID), RFC 3849, 9637, 3056, 7535. */
const specialV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '2620:4f:8000::/48'].map((range) =>
  ipaddr.IPv6.parseCIDR(range),
);
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** Errors: config.invalid for a range that cannot be read. */
export function createAddressGuard(rules: AddressRules): AddressGuard {
  const viewerAllow = rules.viewerAllow.map((range) => parseRange('pulls.viewerAllow', range));
  const restDeny = rules.restDeny.map((range) => parseRange('pulls.restDeny', range));
  return {
    allows(text, origin) {
      const address = parseAddress(text);
      if (address === null) return false;
      switch (origin) {
        case 'demo':
          return true;
        case 'rest':
        case 'config':
          return !isWithin(address, restDeny);
        case 'viewer':
          return isPublic(address) || isWithin(address, viewerAllow);
      }
    },
  };
}

/** True for an address of the public internet; false for anything else, text that is no address included. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  return address !== null && isPublic(address);
}

function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast';
  return address.match(globalUnicast) && !specialV6.some((range) => address.match(range));
}

/** The address that packets reach. Null for what is no address; an IPv6 zone is for link-local ones, which stay so. */
function parseAddress(text: string): Address | null {
  if (text.length > maxChars) return null;
  const plain = hexadecimal(text);
  if (!ipaddr.IPv4.isValidFourPartDecimal(plain) && !ipaddr.IPv6.isValid(plain)) return null;
  const address = ipaddr.process(plain);
  if (address instanceof ipaddr.IPv4 || !address.match(nat64)) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

/**
 * The last 32 bits of an IPv6 address in hexadecimal: ipaddr.js takes ::1.2.3.4 for ::ffff:1.2.3.4, and in such a place
 * octal and hexadecimal numbers. Empty where they are not written as four decimal ones (RFC 4291 2.2).
 */
function hexadecimal(text: string): string {
  const dotted = /(?<=:)[^:%]*\.[^:%]*(?=%|$)/.exec(text);
  if (dotted === null) return text;
  if (!ipaddr.IPv4.isValidFourPartDecimal(dotted[0])) return '';
  const [a = 0, b = 0, c = 0, d = 0] = dotted[0].split('.').map(Number);
  const groups = [a * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(':');
  return `${text.slice(0, dotted.index)}${groups}${text.slice(dotted.index + dotted[0].length)}`;
}

function isWithin(address: Address, ranges: readonly Range[]): boolean {
  return ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
}

function parseRange(key: string, text: string): Range {
  const isOne = !text.includes('/');
  try {
    if (!text.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(text.split('/', 1)[0] ?? '')) throw new Error();
    const [base, bits] = isOne ? [ipaddr.parse(text), 128] : ipaddr.parseCIDR(text);
    if (base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress()) {
      return [base.toIPv4Address(), Math.max(0, bits - 96)];
    }
    return [base, base instanceof ipaddr.IPv4 ? Math.min(bits, 32) : bits];
  } catch {
    throw new SluiceError('config.invalid', `${key}: "${text}" is no address and no range such as 10.0.0.0/8`);
  }
}
