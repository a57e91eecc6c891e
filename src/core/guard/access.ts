/**
 * Who may control (ARCHITECTURE.md, Access): this machine, addresses in `control.allow`, or clients with an API key. WCS
 * clients send no credentials, and a control API open to the world is the classic fault of such servers.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { ErrorCode } from '../../errors.js';
import type { Client } from './client.js';
import { clientKey, isWithin, parseAddress, parseRange } from './ip-address.js';
import { createRateLimit } from './rate.js';

export interface AccessRules {
  /** Addresses or CIDR ranges. */
  readonly allow: readonly string[];
  readonly apiKeys: readonly string[];
  /** Origins of pages that may control, for example "https://studio.example". */
  readonly origins: readonly string[];
  /** Whether requests from loopback need nothing else. */
  readonly loopback: boolean;
}

export interface ControlRequest {
  readonly client: Client;
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
const allowed: AccessDecision = { kind: 'allow' };

const refuse = (code: ErrorCode, detail = ''): AccessDecision => ({ kind: 'refuse', code, detail });

/** What is no range in `allow` allows nobody (the configuration is checked before). */
export function createAccess(rules: AccessRules): Access {
  const ranges = rules.allow.map(parseRange).filter((range) => range !== null);
  const keys = rules.apiKeys.map(digest);
  const origins = new Set(rules.origins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  const originHosts = new Set([...origins].map((origin) => hostName(authorityOf(origin))));
  const wrongKeys = createRateLimit({ perMinute: wrongKeysPerMinute });

  /** A page of another port is of another origin (RFC 6454 5): any user of the machine may have opened it. */
  const isPageAllowed = (request: ControlRequest): boolean => {
    const origin = request.header('origin').toLowerCase();
    if (origin === '' || origins.has(origin)) return true;
    const scheme = /^https?:(?=\/\/[^/]+$)/.exec(origin)?.[0];
    if (scheme === undefined) return false;
    return withoutDefaultPort(scheme, authorityOf(origin)) === withoutDefaultPort(scheme, request.header('host'));
  };

  const decideByKey = (request: ControlRequest, key: string, nowMs: number): AccessDecision => {
    const given = digest(key);
    // Every key is compared, so that the time shows nothing about which one was near.
    const matches = keys.filter((known) => timingSafeEqual(known, given)).length;
    if (matches > 0) return allowed;
    return wrongKeys.take(clientKey(request.client.ip), nowMs)
      ? refuse('control.unauthorised', 'the API key is not known')
      : refuse('request.tooMany');
  };

  /**
   * A page that rebinds its own name to our address is same-origin with us: only its Host header gives it away. So does
   * that of a client for whom a relay on this machine connects: it calls us by the name or address of the machine.
   */
  const decideByLoopback = (request: ControlRequest): AccessDecision => {
    const host = hostName(request.header('host'));
    const isLocal = host === 'localhost' || parseAddress(host)?.range() === 'loopback';
    return isLocal || originHosts.has(host)
      ? allowed
      : refuse('control.forbidden', 'the Host header names another host than this machine by its loopback address');
  };

  const decideByAddress = (request: ControlRequest): AccessDecision => {
    const { ip, reach } = request.client;
    if (reach === 'unix') return allowed;
    const address = parseAddress(ip);
    if (address === null || reach === 'unknown') return refuse('control.unauthorised');
    if (!isWithin(address, ranges)) {
      const isLoopback = rules.loopback && reach === 'direct' && address.range() === 'loopback';
      return isLoopback ? decideByLoopback(request) : refuse('control.unauthorised');
    }
    // Machines call us by whatever name they like; only a browser can be made to follow a rebound name.
    const host = hostName(request.header('host'));
    return !isBrowser(request) || ipaddr.isValid(host) || host === 'localhost' || originHosts.has(host)
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

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function keyOf(request: ControlRequest): string {
  const bearer = /^bearer +(\S+)$/i.exec(request.header('authorization').trim());
  return bearer?.[1] ?? request.header('x-api-key');
}

const isBrowser = (request: ControlRequest): boolean =>
  request.header('origin') !== '' ||
  request.header('sec-fetch-site') !== '' ||
  request.header('user-agent').startsWith('Mozilla/');

/** "host:port" of an origin. */
const authorityOf = (origin: string): string => origin.replace(/^https?:\/\//, '');

const withoutDefaultPort = (scheme: string, authority: string): string =>
  authority.toLowerCase().replace(scheme === 'http:' ? /:80$/ : /:443$/, '');

/** The name of a Host header: lower case, without port and without the brackets of IPv6. */
function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}
