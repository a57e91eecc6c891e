/** `sluice token`: a token to play by, and the addresses to play at. */
import type { Settings } from '../config/schema.js';
import type { TokenWish } from '../config/token-command.js';
import { SluiceError } from '../errors.js';
import { signToken } from '../server/token-signer.js';

/** `nowMs`: UTC. Error: config.invalid without a secret, or for a token that would live too long. */
export async function printedToken(
  { streams, url, ...wish }: TokenWish,
  { playback }: Pick<Settings, 'playback'>,
  nowMs: number,
): Promise<string> {
  const { secrets, issuer, audience, maxLifetimeS } = playback;
  const [secret] = secrets;
  if (secret === undefined) {
    throw new SluiceError(
      'config.invalid',
      'playback.secrets is empty: set SLUICE_PLAYBACK_SECRETS to that of the server',
    );
  }
  if (wish.expiresInS > maxLifetimeS) {
    throw new SluiceError('config.invalid', `--expires: playback.maxLifetimeS is ${maxLifetimeS}`);
  }
  const [first = '', ...others] = streams;
  const stream = others.length === 0 ? first : streams;
  const signer = { secret: new TextEncoder().encode(secret), issuer, audience };
  const { token, playPath } = await signToken({ ...wish, stream }, signer, nowMs);
  if (url === null) return `${token}\n`;
  const root = url.href.replace(/\/$/, '');
  if (playPath === null) return `${root}/play/NAME?token=${token}\n`;
  const name = encodeURIComponent(first);
  const ways = [playPath, `/whep/${name}?token=${token}`, `/hls/${name}/index.m3u8?token=${token}`];
  return ways.map((way) => `${root}${way}\n`).join('');
}
