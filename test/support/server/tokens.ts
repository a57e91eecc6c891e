/** Playback tokens for tests, signed by jose. */
import { SignJWT } from 'jose';

export const tokenSecret = 'a secret of more than thirty-two characters';

const expiresInS = 600;

export const tokenWith = (claims: Readonly<Record<string, unknown>>, secret = tokenSecret): Promise<string> =>
  new SignJWT({ exp: Math.floor(Date.now() / 1000) + expiresInS, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
