/** The registry that the configuration names. What speaks to Redis is loaded here and not before. */
import type { Settings } from '../config/schema.js';
import { parseRedisUrl } from '../core/cluster/redis-url.js';
import { SluiceError } from '../errors.js';
import { readAuthorities } from '../net/authorities.js';
import type { Registry } from './registry.js';

/** Errors: config.invalid, of an address or a file of authorities that cannot be read. */
export async function openRegistry({ redis, redisPassword, caFile, prefix }: Settings['cluster']): Promise<Registry> {
  const address = parseRedisUrl(redis);
  if (address === null) throw new SluiceError('config.invalid', 'cluster.redis: it is no address of a Redis');
  const caPem = readAuthorities(caFile, 'cluster.caFile');
  const { host, port, isTls, user, database } = address;
  const password = redisPassword === '' ? address.password : redisPassword;
  const { openRedisRegistry } = await import('./registry-redis.js');
  return openRedisRegistry({ host, port, isTls, user, password, database, caPem }, prefix);
}
