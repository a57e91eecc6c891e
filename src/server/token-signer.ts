/** Makes playback tokens, for REST and for `sluice token`. */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';

export interface TokenOrder {
  readonly stream: string | readonly string[];
  readonly expiresInS: number;
  readonly maxViewers?: number | undefined;
  readonly once: boolean;
  readonly recordings: boolean;
  readonly subject?: string | undefined;
}

export interface MadeToken {
  readonly token: string;
  readonly id: string;
  readonly expiresAtMs: number;
  /** Null for more than one stream. */
  readonly playPath: string | null;
}

interface Signer {
  readonly secret: Uint8Array;
  /** Empty: none is written. */
  readonly issuer: string;
  readonly audience: string;
}

/** `nowMs`: UTC. */
export async function signToken(
  order: TokenOrder,
  { secret, issuer, audience }: Signer,
  nowMs: number,
): Promise<MadeToken> {
  const { stream, expiresInS, maxViewers, once, recordings, subject } = order;
  const id = randomUUID();
  const expiresS = Math.floor(nowMs / 1000) + expiresInS;
  const token = new SignJWT({
    stream,
    ...(maxViewers === undefined ? {} : { maxViewers }),
    ...(once ? { once } : {}),
    ...(recordings ? { recordings } : {}),
  })
    .setProtectedHeader({ alg: 'HS256' })
    .setJti(id)
    .setExpirationTime(expiresS);
  if (subject !== undefined) token.setSubject(subject);
  if (issuer !== '') token.setIssuer(issuer);
  if (audience !== '') token.setAudience(audience);
  const signed = await token.sign(secret);
  const isOne = typeof stream === 'string' && !stream.includes('*');
  const playPath = isOne ? `/play/${encodeURIComponent(stream)}?token=${signed}` : null;
  return { token: signed, id, expiresAtMs: expiresS * 1000, playPath };
}
