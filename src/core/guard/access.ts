/**
 * Who may control (ARCHITECTURE.md, Access): this machine, addresses in `control.allow`, or clients with an API key. WCS
 * clients send no credentials, and a control API open to the world is the classic fault of such servers.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { ErrorCode } from '../../errors.js';
import type { ApiKey } from './api-key.js';
import type { Client } from './client.js';
import { clientKey, isWithin, parseAddress, parseRange } from './ip-address.js';
import { createPageOrigins, hostName } from './page-origin.js';
import { createRateLimit } from './rate.js';
import { includesScope, type Scope } from './scope.js';

export interface AccessRules {
  /** Addresses or CIDR ranges. */
  readonly allow: readonly string[];
  readonly apiKeys: readonly ApiKey[];
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
  /** `by`: the name of its API key; empty without one. */
  | { readonly kind: 'allow'; readonly by: string }
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly detail: string };

export interface Access {
  /** May this request do what asks for this scope? An address that is trusted may do everything. */
  decide(request: ControlRequest, needed: Scope, nowMs: number): AccessDecision;
  /** The page's origin when CORS may name it; null for no page, or a page that may not. */
  allowedOrigin(request: ControlRequest): string | null;
}

const wrongKeysPerMinute = 5;
const allowed: AccessDecision = { kind: 'allow', by: '' };

const refuse = (code: ErrorCode, detail = ''): AccessDecision => ({ kind: 'refuse', code, detail });

/** What is no range in `allow` allows nobody (the configuration is checked before). */
export function createAccess(rules: AccessRules): Access {
  const ranges = rules.allow.map(parseRange).filter((range) => range !== null);
  const keys = rules.apiKeys.map((known) => ({ ...known, digest: digest(known.key) }));
  const pages = createPageOrigins(rules.origins);
  const wrongKeys = createRateLimit({ perMinute: wrongKeysPerMinute });

  const isPageAllowed = (request: ControlRequest): boolean =>
    pages.allows(request.header('origin'), request.header('host'));

  const decideByKey = (request: ControlRequest, key: string, needed: Scope, nowMs: number): AccessDecision => {
    const given = digest(key);
    // Every key is compared, so that the time shows nothing about which one was near.
    const [known] = keys.filter((one) => timingSafeEqual(one.digest, given));
    if (known !== undefined) {
      const { name, scope } = known;
      return includesScope(scope, needed)
        ? { kind: 'allow', by: name }
        : refuse('control.forbidden', `this API key has the scope ${scope}, and this call asks for ${needed}`);
    }
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
    return isLocal || pages.hosts.has(host)
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
    return !isBrowser(request) || ipaddr.isValid(host) || host === 'localhost' || pages.hosts.has(host)
      ? allowed
      : refuse('control.forbidden', 'the Host header names a host that control.origins does not list');
  };

  return {
    decide(request, needed, nowMs) {
      if (!isPageAllowed(request)) return refuse('control.forbidden', "the page's origin is not in control.origins");
      const key = keyOf(request);
      return key !== '' && keys.length > 0 ? decideByKey(request, key, needed, nowMs) : decideByAddress(request);
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
