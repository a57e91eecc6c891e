/**
 * Playback tokens, signed by HS256 with a secret of ours, or by somebody whose keys are found at `playback.jwksUrl`. What was
 * found good is remembered until it expires, because players of HLS bring their token with every request.
 */
import { createHash } from 'node:crypto';
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { type PlaybackClaims, readClaims } from '../core/guard/playback-claims.js';
import { SluiceError } from '../errors.js';

interface VerifierOptions {
  readonly secrets: readonly Uint8Array[];
  /** Empty: only the secrets count. */
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly maxLifetimeS: number;
  /** UTC. */
  readonly nowMs: () => number;
}

export interface TokenVerifier {
  /** Errors: viewer.tokenDenied; viewer.hookFailed where the keys cannot be had. */
  verify(token: string): Promise<PlaybackClaims>;
}

/** Never those with a shared secret: a public key must not be taken for one (RFC 8725 3.1). */
const publicKeyAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'EdDSA',
  'Ed25519',
];
const clockToleranceS = 5;
const maxTokenChars = 8192;
const maxKnown = 10_000;

export function createTokenVerifier(options: VerifierOptions): TokenVerifier {
  const { secrets, jwksUrl, issuer, audience, maxLifetimeS, nowMs } = options;
  // It asks again for a key that it does not know, at most once in half a minute.
  const keySet = jwksUrl === '' ? null : createRemoteJWKSet(new URL(jwksUrl));
  const known = new Map<string, PlaybackClaims>();

  const rules = (algorithms: string[]): JWTVerifyOptions => ({
    algorithms,
    clockTolerance: clockToleranceS,
    currentDate: new Date(nowMs()),
    ...(issuer === '' ? {} : { issuer }),
    ...(audience === '' ? {} : { audience }),
  });

  /** By whichever secret signed it. */
  const bySecret = async (token: string): Promise<JWTPayload> => {
    for (const secret of secrets) {
      try {
        return (await jwtVerify(token, secret, rules(['HS256']))).payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      }
    }
    throw new SluiceError('viewer.tokenDenied', 'it is not signed by a key that counts here');
  };

  const payloadOf = async (token: string): Promise<JWTPayload> => {
    const alg = algorithmOf(token);
    if (alg === 'HS256' || keySet === null) return bySecret(token);
    return (await jwtVerify(token, keySet, rules(publicKeyAlgorithms))).payload;
  };

  return {
    async verify(token) {
      if (token.length > maxTokenChars) throw new SluiceError('viewer.tokenDenied', 'it is too long');
      const digest = createHash('sha256').update(token).digest('base64url');
      const nowS = nowMs() / 1000;
      const found = known.get(digest);
      if (found !== undefined && found.expiresS > nowS) return found;
      known.delete(digest);
      const claims = readClaims(await payloadOf(token).catch(refuse), digest.slice(0, 22));
      if (typeof claims === 'string') throw new SluiceError('viewer.tokenDenied', claims);
      if (claims.expiresS > nowS + maxLifetimeS) {
        throw new SluiceError('viewer.tokenDenied', `it expires later than playback.maxLifetimeS (${maxLifetimeS})`);
      }
      known.set(digest, claims);
      const [oldest] = known.keys();
      if (known.size > maxKnown && oldest !== undefined) known.delete(oldest);
      return claims;
    },
  };
}

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    throw new SluiceError('viewer.tokenDenied', 'it is no JSON Web Token');
  }
}

/** Of what goes wrong with the key set itself. */
const unavailable = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']);

/** In words that tell its holder what to do, and a forger nothing. */
function refuse(error: unknown): never {
  if (error instanceof SluiceError) throw error;
  if (error instanceof errors.JWTExpired) throw new SluiceError('viewer.tokenDenied', 'it has expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    throw new SluiceError('viewer.tokenDenied', `its claim ${error.claim} is not what it must be here`);
  }
  if (error instanceof errors.JOSEError && !unavailable.has(error.code)) {
    throw new SluiceError('viewer.tokenDenied', 'it is not signed by a key that counts here');
  }
  throw new SluiceError('viewer.hookFailed', 'the keys at playback.jwksUrl cannot be had');
}
