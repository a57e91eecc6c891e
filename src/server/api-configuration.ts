/** The configuration in force, for people: secrets are masked. */
import type { Settings } from '../config/schema.js';
import { parseApiKey } from '../core/guard/api-key.js';
import { maskUri } from '../core/rtmp/url.js';

const masked = '***';
/** Addresses may hold credentials and tokens; keys are secrets. */
const address = /^[a-z][a-z0-9+.-]*:\/\//i;

export const shownSettings = (settings: Settings): Record<string, unknown> =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, shown(name, value)]));

function shown(name: string, value: unknown): unknown {
  if (/keys?$|secret|password|token/i.test(name) && name !== 'tlsKeyFile' && name !== 'keepAliveAppKeys') {
    return Array.isArray(value) ? value.map((one) => maskedKey(name, String(one))) : masked;
  }
  if (typeof value === 'string')
    return address.test(value)
      ? maskUri(value)
      : value.replace(/=([a-z]+:\/\/.*)$/i, (_, uri: string) => `=${maskUri(uri)}`);
  if (Array.isArray(value)) return value.map((one) => shown(name, one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shown(key, one)]));
}

/** Who has a key, and what it opens, is no secret. */
function maskedKey(name: string, text: string): string {
  if (name !== 'apiKeys') return masked;
  const { name: whose, scope } = parseApiKey(text);
  return whose === '' ? masked : `${whose}:${scope}:${masked}`;
}
