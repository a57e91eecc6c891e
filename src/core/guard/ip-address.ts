/** IP addresses and ranges of them, read strictly: what is written in an unusual way is no address. */
import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Range = readonly [Address, number];

/** The longest address has 45, a zone behind it 15: longer text is none, and would take its time to be found so. */
const maxChars = 64;

/** Null for what is no address. An IPv4 address mapped into IPv6 (RFC 4291 2.5.5.2) counts as the IPv4 address. */
export function parseAddress(text: string): Address | null {
  if (text.length > maxChars) return null;
  const plain = hexadecimal(text);
  if (!ipaddr.IPv4.isValidFourPartDecimal(plain) && !ipaddr.IPv6.isValid(plain)) return null;
  return ipaddr.process(plain);
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

/** "10.0.0.0/8", or one address. Null for anything else. */
export function parseRange(text: string): Range | null {
  const isOne = !text.includes('/');
  if (!text.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(text.split('/', 1)[0] ?? '')) return null;
  if (isOne ? !ipaddr.isValid(text) : !ipaddr.isValidCIDR(text)) return null;
  const [base, bits] = isOne ? [ipaddr.parse(text), 128] : ipaddr.parseCIDR(text);
  if (base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress()) return [base.toIPv4Address(), Math.max(0, bits - 96)];
  return [base, base instanceof ipaddr.IPv4 ? Math.min(bits, 32) : bits];
}

export function isWithin(address: Address, ranges: readonly Range[]): boolean {
  return ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
}

/**
 * What limits count one client by: an IPv4 address, or the first 64 bits of an IPv6 one, which is what a single host is
 * given to take as many addresses from as it likes (RFC 4291 2.5.1, RFC 8981). What is no address stands for itself.
 */
export function clientKey(ip: string): string {
  const address = parseAddress(ip);
  if (!(address instanceof ipaddr.IPv6)) return address?.toString() ?? ip;
  const network = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

/** For people, the network without the host: "192.0.2.x", "2001:db8:1::x". Empty for what is no address. */
export function shortAddress(ip: string): string {
  const address = parseAddress(ip);
  if (address === null) return '';
  if (address instanceof ipaddr.IPv4) return `${address.octets.slice(0, 3).join('.')}.x`;
  const groups = address.parts.slice(0, 3).map((part) => part.toString(16));
  return `${groups.join(':')}::x`;
}
