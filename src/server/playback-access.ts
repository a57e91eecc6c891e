/** The gate before playback, and the tokens that open it: made, listed and revoked by REST. */
import { randomBytes } from 'node:crypto';
import { monotonicMs } from '../clock.js';
import type { Peers } from '../cluster/cluster.js';
import type { Settings } from '../config/schema.js';
import { createPasses, type Revocation } from '../core/guard/passes.js';
import { SluiceError } from '../errors.js';
import { createHookClient } from './hook-client.js';
import { createPlaybackGate, hookKey, type PlaybackGate } from './playback-gate.js';
import { type MadeToken, signToken, type TokenOrder } from './token-signer.js';
import { createTokenVerifier } from './token-verifier.js';

/** Where revoked tokens are kept over a restart. */
export interface RevocationFile {
  readonly known: readonly Revocation[];
  /** All that still matter. */
  keep(revoked: readonly Revocation[]): void;
}

export interface UsedToken {
  readonly id: string;
  readonly subject: string | null;
  readonly streams: readonly string[];
  readonly expiresAtMs: number;
  readonly viewers: number;
  readonly maxViewers: number | null;
}

export interface Tokens {
  /** Error: request.invalid. */
  make(order: TokenOrder): Promise<MadeToken>;
  inUse(): readonly UsedToken[];
  revoke(id: string): void;
}

interface AccessOptions {
  readonly settings: Pick<Settings, 'playback' | 'rtmp'>;
  readonly revocations: RevocationFile | null;
  /** Null: there are no other nodes. */
  readonly peers: Pick<Peers, 'revocations' | 'tokens'> | null;
}

const ownKeyBytes = 32;
const hookConnections = 16;

export function createPlaybackAccess({ settings, revocations, peers }: AccessOptions): {
  readonly gate: PlaybackGate;
  readonly tokens: Tokens;
} {
  const { secrets, jwksUrl, issuer, audience, maxLifetimeS, origins, hookUrl, hookTimeoutMs } = settings.playback;
  const passes = createPasses(revocations?.known ?? []);
  const nowMs = Date.now;
  const revokedNow = (): readonly Revocation[] => passes.revoked(Math.floor(nowMs() / 1000));
  const take = (all: readonly Revocation[]): void => {
    const news = all.filter((revocation) => !passes.isRevoked(revocation));
    for (const revocation of news) passes.revoke(revocation);
    if (news.length > 0) revocations?.keep(revokedNow());
  };
  peers?.revocations.join(revokedNow, take);
  // Without a secret the console can have tokens all the same; they end with the process.
  const ownKey = new Uint8Array(randomBytes(ownKeyBytes));
  const keys = secrets.map((secret) => new TextEncoder().encode(secret));
  const verifier = createTokenVerifier({ secrets: [...keys, ownKey], jwksUrl, issuer, audience, maxLifetimeS, nowMs });
  const hook =
    hookUrl === ''
      ? null
      : createHookClient({
          urls: new Map([[hookKey, hookUrl.replace(/\/$/, '')]]),
          timeoutMs: hookTimeoutMs,
          maxConnections: hookConnections,
          dnsTimeoutMs: settings.rtmp.dnsTimeoutMs,
          nowMs: monotonicMs,
        });
  const needsToken = secrets.length > 0 || jwksUrl !== '';
  const gate = createPlaybackGate({
    origins,
    needsToken,
    verifier,
    passes,
    shared: peers?.tokens ?? null,
    hook,
    nowMs,
  });

  const tokens: Tokens = {
    async make(order) {
      if (order.expiresInS > maxLifetimeS) {
        throw new SluiceError('request.invalid', `expiresInS: playback.maxLifetimeS is ${maxLifetimeS}`);
      }
      return signToken(order, { secret: keys[0] ?? ownKey, issuer, audience }, nowMs());
    },
    inUse: () =>
      passes.inUse().map(({ claims: { id, subject, streams, expiresS, maxViewers }, viewers }) => ({
        id,
        subject,
        streams,
        expiresAtMs: expiresS * 1000,
        viewers,
        maxViewers,
      })),
    revoke(id) {
      // No token of it may expire later.
      const revocation = { id, untilS: Math.floor(nowMs() / 1000) + maxLifetimeS + 60 };
      passes.revoke(revocation);
      revocations?.keep(revokedNow());
      peers?.revocations.revoked(revocation);
    },
  };
  return { gate, tokens };
}
