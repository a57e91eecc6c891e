/**
 * Who may control (ARCHITECTURE.md, Access): loopback, addresses in `control.allow`, or clients with an API key. WCS clients
 * send no credentials, and a control API open to the world is the classic fault of such servers.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { ErrorCode } from '../../errors.js';
import { createRateLimit } from './rate.js';

export interface AccessRules {
  /** Addresses or CIDR ranges. */
  readonly allow: readonly string[];
  readonly apiKeys: readonly string[];
  /** Origins of pages that may control, for example "https://studio.example". */
  readonly origins: readonly string[];
}

export interface ControlRequest {
  readonly clientIp: string;
  /** By lower-case name; an empty string when absent. */
  header(name: string): string;
}

export type AccessDecision =
  | { readonly kind: 'allow' }
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly detail: string };

export interface Access {
  /** May this request control? */
  decide(request: ControlRequest, nowMs: number): AccessDecision;
  /** The page's origin when CORS may name it; null for no page, or a page that may not. */
  allowedOrigin(request: ControlRequest): string | null;
}

const wrongKeysPerMinute = 5;
/** Any of these was put there by a proxy: the socket's address is then the proxy's, not the client's. */
const forwardingHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];
const allowed: AccessDecision = { kind: 'allow' };

const refuse = (code: ErrorCode, detail = ''): AccessDecision => ({ kind: 'refuse', code, detail });

/** Throws on a range of `allow` that is neither an address nor a CIDR range (the configuration is checked before). */
export function createAccess(rules: AccessRules): Access {
  const ranges = rules.allow.map(parseRange);
  const keys = rules.apiKeys.map(digest);
  const origins = new Set(rules.origins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  const originHosts = new Set([...origins].map(hostOfOrigin).filter((host) => host !== null));
  const wrongKeys = createRateLimit({ perMinute: wrongKeysPerMinute });

  const isPageAllowed = (request: ControlRequest): boolean => {
    const origin = request.header('origin').toLowerCase();
    if (origin === '' || origins.has(origin)) return true;
    const host = hostOfOrigin(origin);
    return host !== null && host === hostName(request.header('host'));
  };

  /** A page that rebinds its own name to our address is same-origin with us: only its Host header gives it away. */
  const isHostOurs = (request: ControlRequest): boolean => {
    const host = hostName(request.header('host'));
    return ipaddr.isValid(host) || host === 'localhost' || originHosts.has(host);
  };

  const decideByKey = (request: ControlRequest, key: string, nowMs: number): AccessDecision => {
    if (!wrongKeys.has(request.clientIp, nowMs)) return refuse('request.tooMany');
    const given = digest(key);
    // Every key is compared, so that the time shows nothing about which one was near.
    const matches = keys.filter((known) => timingSafeEqual(known, given)).length;
    if (matches > 0) return allowed;
    wrongKeys.take(request.clientIp, nowMs);
    return refuse('control.unauthorised', 'the API key is not known');
  };

  const decideByAddress = (request: ControlRequest): AccessDecision => {
    const address = parseAddress(request.clientIp);
    if (address === null || forwardingHeaders.some((name) => request.header(name) !== '')) {
      return refuse('control.unauthorised');
    }
    if (address.range() === 'loopback') {
      return isHostOurs(request) ? allowed : refuse('control.forbidden', 'the Host header names another host');
    }
    if (!ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits))) {
      return refuse('control.unauthorised');
    }
    // Machines call us by whatever name they like; only a browser can be made to follow a rebound name.
    return !isBrowser(request) || isHostOurs(request)
      ? allowed
      : refuse('control.forbidden', 'the Host header names a host that control.origins does not list');
  };

  return {
    decide(request, nowMs) {
      if (!isPageAllowed(request)) return refuse('control.forbidden', "the page's origin is not in control.origins");
      const key = keyOf(request);
      return key !== '' && keys.length > 0 ? decideByKey(request, key, nowMs) : decideByAddress(request);
    },
    allowedOrigin: (request) =>
      request.header('origin') !== '' && isPageAllowed(request) ? request.header('origin') : null,
  };
}

type Address = ReturnType<typeof ipaddr.process>;

function parseRange(text: string): [Address, number] {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

const parseAddress = (text: string): Address | null => (ipaddr.isValid(text) ? ipaddr.process(text) : null);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function keyOf(request: ControlRequest): string {
  const bearer = /^bearer +(\S+)$/i.exec(request.header('authorization').trim());
  return bearer?.[1] ?? request.header('x-api-key');
}

const isBrowser = (request: ControlRequest): boolean =>
  request.header('origin') !== '' ||
  request.header('sec-fetch-site') !== '' ||
  request.header('user-agent').startsWith('Mozilla/');

/** The name of a Host header: lower case, without port and without the brackets of IPv6. */
function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}

function hostOfOrigin(origin: string): string | null {
  const host = /^https?:\/\/([^/]+)$/.exec(origin)?.[1];
  return host === undefined ? null : hostName(host);
}
