/**
 * The addresses in the headers by which proxies say for whom they ask: X-Forwarded-For, a list of addresses, and
 * Forwarded (RFC 7239). The last one was added by the nearest proxy.
 */
import { parseAddress } from './ip-address.js';

/** What a hop is named that hides itself ("unknown", "_gateway"; RFC 7239 6.2 and 6.3), or that cannot be read. */
export const hidden = '';

/** Of more hops only the nearest are read. */
const maxHops = 32;

/** `value`: of all X-Forwarded-For headers, joined by commas. */
export function readForwardedFor(value: string): readonly string[] {
  return value.split(',').slice(-maxHops).map(readNode);
}

/**
 * `value`: of all Forwarded headers, joined by commas. An element without `for` hides its hop. A quote that is left open, by the
 * client, would take in what the proxy added behind it: then nothing is known.
 */
export function readForwarded(value: string): readonly string[] {
  const elements = splitOutside(value, ',');
  if (elements === null) return [hidden];
  return elements.slice(-maxHops).map((element) => {
    const pairs = (splitOutside(element, ';') ?? []).map((pair) => pair.trim());
    const node = pairs.find((pair) => /^for=/i.test(pair))?.slice('for='.length);
    return node === undefined ? hidden : readNode(unquoted(node));
  });
}

/** An address, also with a port behind it or in the brackets of IPv6. */
function readNode(text: string): string {
  const node = text.trim();
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(node)?.[1];
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(node)?.[1];
  return parseAddress(bracketed ?? withPort ?? node)?.toString() ?? hidden;
}

const unquoted = (text: string): string => (/^".*"$/.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text);

/** Splits at `separator` outside quoted strings (RFC 9110 5.6.4). Null when one has no end. */
function splitOutside(text: string, separator: ',' | ';'): readonly string[] | null {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (isQuoted && char === '\\') at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return isQuoted ? null : [...parts, text.slice(start)];
}
