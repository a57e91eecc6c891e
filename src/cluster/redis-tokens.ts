/** Playback tokens that are good for one time, or for so many viewers, in Redis. */
import type { RedisLink } from './redis-link.js';
import { type Registry, seatsKeptMs } from './registry.js';

const seatsKept = String(seatsKeptMs);
/** More would keep Redis from others for too long. */
const tokensAtOnce = 100;

export function redisTokens(
  link: Pick<RedisLink, 'call'>,
  prefix: string,
): Pick<Registry, 'useToken' | 'takeSeats' | 'keepSeats'> {
  const seatsOf = ({ key }: { readonly key: string }): string => `${prefix}:seats:${key}`;

  return {
    async useToken(key, forMs) {
      const expiration = { type: 'PX', value: Math.ceil(forMs) } as const;
      const name = `${prefix}:used:${key}`;
      return (await link.call((client) => client.set(name, '1', { condition: 'NX', expiration }))) !== null;
    },
    async takeSeats(seats) {
      const { nodeId, viewers, most } = seats;
      const args = [nodeId, String(viewers), String(most), seatsKept, `${prefix}:node:`];
      return (await link.call((client) => client.takeSeats([seatsOf(seats)], args))) === 1;
    },
    async keepSeats(nodeId, all) {
      for (let from = 0; from < all.length; from += tokensAtOnce) {
        const some = all.slice(from, from + tokensAtOnce);
        const args = [nodeId, seatsKept, ...some.map(({ viewers }) => String(viewers))];
        await link.call((client) => client.keepSeats(some.map(seatsOf), args));
      }
    },
  };
}
