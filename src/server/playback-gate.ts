/** Who may play (docs/access.md): by the page, by a token, and by a back end that is asked. One gate for all ways to play. */
import type { SharedTokens } from '../cluster/shared-tokens.js';
import { clientKey } from '../core/guard/ip-address.js';
import { createPageOrigins } from '../core/guard/page-origin.js';
import type { Pass, Passes } from '../core/guard/passes.js';
import { allowsStream, type PlaybackClaims } from '../core/guard/playback-claims.js';
import { createQuota } from '../core/guard/quota.js';
import { createRateLimit, type RateLimit } from '../core/guard/rate.js';
import { SluiceError } from '../errors.js';
import type { HookClient } from './hook-client.js';
import type { TokenVerifier } from './token-verifier.js';

export interface PlaybackRequest {
  readonly protocol: 'whep' | 'wcs' | 'mse' | 'hls' | 'rtmp' | 'poster' | 'still' | 'recording';
  /** Of the stream, as the viewer calls it. */
  readonly name: string;
  /** Empty: it brings none. */
  readonly token: string;
  readonly clientIp: string;
  /** Of the page; empty: there is none, or it is not told. */
  readonly origin: string;
  /** The Host header. */
  readonly host: string;
  readonly userAgent: string;
}

export interface PlaybackGate {
  /** Viewers bring a token. */
  readonly needsToken: boolean;
  /**
   * Lets one viewer in. Errors: viewer.originDenied, viewer.tokenMissing, viewer.tokenDenied, viewer.tokenInUse, viewer.declined,
   * viewer.hookFailed, request.tooMany.
   */
  admit(request: PlaybackRequest): Promise<Pass>;
  /** The same for one of many requests by which a client plays: it counts as one viewer until it has been silent for a while. */
  visit(request: PlaybackRequest): Promise<void>;
  /**
   * The same for a picture, a file or an RTMP player, none of which counts as a viewer here. Stills, recordings and RTMP need a token in
   * any case.
   */
  glance(request: PlaybackRequest): Promise<void>;
  /** What CORS tells this page; null: it may not play. */
  corsOrigin(origin: string, host: string): string | null;
  close(): Promise<void>;
}

interface GateOptions {
  /** Of pages; empty: any. */
  readonly origins: readonly string[];
  readonly needsToken: boolean;
  readonly verifier: TokenVerifier;
  readonly passes: Passes;
  /** Null: there are no other nodes. */
  readonly shared: SharedTokens | null;
  /** Null: no back end is asked. */
  readonly hook: HookClient | null;
  /** UTC. */
  readonly nowMs: () => number;
}

/** The application key under which the back end is known to the client of hooks. */
export const hookKey = 'playback';
const wrongTokensPerMinute = 30;
/** A still takes a decoder: by tokens a client must not keep the pool from those who ask by REST. */
const stillsPerMinute = 60;
/** Of a player by HLS; it asks at least once in a target duration. */
const visitLingerMs = 20_000;
const maxVisits = 20_000;
/** A token that is for all streams opens one for each name that its holder makes up. */
const maxVisitsPerClient = 1000;
const hookCloseGraceMs = 1000;

/** What is control's, unless a token opens it. */
const alwaysByToken: ReadonlySet<PlaybackRequest['protocol']> = new Set(['rtmp', 'still', 'recording'] as const);

const free: Pass = { onRevoked: () => {}, release: () => {} };

interface Visit {
  readonly pass: Promise<Pass>;
  readonly timer: NodeJS.Timeout;
}

/** In words, for its holder. */
export const tokenRevoked = 'it has been revoked';

const refusalOf = (why: 'revoked' | 'used' | 'full'): SluiceError => {
  if (why === 'full') return new SluiceError('viewer.tokenInUse');
  return new SluiceError('viewer.tokenDenied', why === 'revoked' ? tokenRevoked : 'it was good for one time');
};

function takeOrRefuse(limit: RateLimit, { clientIp }: PlaybackRequest, nowMs: number): void {
  if (!limit.take(clientKey(clientIp), nowMs)) throw new SluiceError('request.tooMany');
}

export function createPlaybackGate(options: GateOptions): PlaybackGate {
  const { origins, needsToken, verifier, passes, shared, hook, nowMs } = options;
  const pages = createPageOrigins(origins);
  const wrongTokens = createRateLimit({ perMinute: wrongTokensPerMinute });
  const stills = createRateLimit({ perMinute: stillsPerMinute });
  const visits = new Map<string, Visit>();
  const places = createQuota({ max: maxVisits, maxPerClient: maxVisitsPerClient });
  const isPageAllowed = (origin: string, host: string): boolean => origins.length === 0 || pages.allows(origin, host);
  const nowS = (): number => nowMs() / 1000;

  /** The claims, of a token that is good for this stream. A right one is never refused for wrong ones before it. */
  const claimsOf = async (request: PlaybackRequest): Promise<PlaybackClaims> => {
    if (request.token === '') throw new SluiceError('viewer.tokenMissing');
    try {
      const claims = await verifier.verify(request.token);
      if (!allowsStream(claims, request.name)) throw new SluiceError('viewer.tokenDenied', 'it is for another stream');
      if (request.protocol === 'recording' && !claims.hasRecordings) {
        throw new SluiceError('viewer.tokenDenied', 'it is not for recordings');
      }
      return claims;
    } catch (error) {
      const isWrong = error instanceof SluiceError && error.code === 'viewer.tokenDenied';
      if (isWrong) takeOrRefuse(wrongTokens, request, nowMs());
      throw error;
    }
  };

  const checkPage = ({ origin, host }: PlaybackRequest): void => {
    if (!isPageAllowed(origin, host)) throw new SluiceError('viewer.originDenied');
  };

  const askBackEnd = async (request: PlaybackRequest, claims: PlaybackClaims | null): Promise<void> => {
    if (hook === null || request.protocol === 'wcs') return;
    const { protocol, name, token, clientIp, origin, userAgent } = request;
    const { subject = null, id: tokenId = null } = claims ?? {};
    const fields = { protocol, name, token, tokenId, subject, clientIp, origin, userAgent };
    const { status } = await hook.post(hookKey, 'play', fields);
    if (status === null || status >= 500) throw new SluiceError('viewer.hookFailed');
    if (status < 200 || status >= 300) throw new SluiceError('viewer.declined');
  };

  /** By what is known here, and then by what the other nodes have. */
  const enter = async (claims: PlaybackClaims): Promise<Pass> => {
    const pass = passes.take(claims, nowS());
    if (typeof pass === 'string') throw refusalOf(pass);
    const use = (await shared?.take(claims)) ?? null;
    if (typeof use === 'string') {
      pass.release();
      throw refusalOf(use);
    }
    return {
      onRevoked: pass.onRevoked,
      release() {
        pass.release();
        use?.end();
      },
    };
  };

  const admit = async (request: PlaybackRequest): Promise<Pass> => {
    checkPage(request);
    const claims = needsToken ? await claimsOf(request) : null;
    const pass = claims === null ? free : await enter(claims);
    try {
      await askBackEnd(request, claims);
      return pass;
    } catch (error) {
      pass.release();
      throw error;
    }
  };

  const begin = (key: string, request: PlaybackRequest): Visit => {
    const place = places.take(request.clientIp);
    if (place !== 'free') throw new SluiceError(place === 'all' ? 'viewer.limit' : 'request.tooMany');
    const end = (): void => {
      clearTimeout(visit.timer);
      if (visits.get(key) !== visit) return;
      visits.delete(key);
      places.release(request.clientIp);
      visit.pass.then(
        (pass) => pass.release(),
        () => {},
      );
    };
    const visit: Visit = { pass: admit(request), timer: setTimeout(end, visitLingerMs) };
    visits.set(key, visit);
    visit.pass.then((pass) => pass.onRevoked(end), end);
    return visit;
  };

  return {
    needsToken,
    admit,
    async visit(request) {
      if (!needsToken && hook === null) return checkPage(request);
      const key = JSON.stringify([request.token, clientKey(request.clientIp), request.name]);
      const visit = visits.get(key) ?? begin(key, request);
      visit.timer.refresh();
      await visit.pass;
    },
    async glance(request) {
      checkPage(request);
      const claims = needsToken || alwaysByToken.has(request.protocol) ? await claimsOf(request) : null;
      const why = claims === null ? null : passes.refusal(claims, nowS());
      if (why !== null) throw refusalOf(why);
      if (request.protocol === 'still') takeOrRefuse(stills, request, nowMs());
      await askBackEnd(request, claims);
    },
    corsOrigin(origin, host) {
      if (origins.length === 0) return '*';
      return origin !== '' && pages.allows(origin, host) ? origin : null;
    },
    async close() {
      for (const { timer } of visits.values()) clearTimeout(timer);
      visits.clear();
      await hook?.close(hookCloseGraceMs);
    },
  };
}
