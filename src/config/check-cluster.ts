/** Checks of cluster.*: what a node cannot do without, and addresses that others are given. */
import { parseRedisUrl } from '../core/cluster/redis-url.js';
import type { Complaint } from './complaint.js';
import type { Settings } from './schema.js';

export function checkCluster({ cluster, rtmpOut }: Settings): Complaint[] {
  const { redis, redisPassword, secret, caFile, advertise, prefix } = cluster;
  if (redis === '') return [];
  const address = parseRedisUrl(redis);
  const complaints: [isWrong: boolean, path: readonly string[], allowed: string][] = [
    [
      address === null,
      ['cluster', 'redis'],
      'redis://[user:password@]host[:port][/database], rediss:// for TLS, or nothing for a node that is alone',
    ],
    [
      redisPassword !== '' && address !== null && address.password !== '',
      ['cluster', 'redisPassword'],
      'nothing, because the password stands in cluster.redis; or take it out there',
    ],
    [
      caFile !== '' && address?.isTls === false,
      ['cluster', 'caFile'],
      'nothing, because cluster.redis is not by TLS; or an address that begins with rediss://',
    ],
    [secret === '', ['cluster', 'secret'], 'a secret of at least 16 characters, the same on all nodes of this Redis'],
    [rtmpOut.port === 0, ['rtmpOut', 'port'], 'a port such as 1935, because nodes take streams from each other by it'],
    [!isHost(advertise), ['cluster', 'advertise'], 'a host name or an address without a port, or nothing'],
    ...(['httpUrl', 'wsUrl'] as const).map((name): [boolean, readonly string[], string] => {
      const scheme = name === 'httpUrl' ? 'http' : 'ws';
      const allowed = `an address such as "${scheme}s://node1.example.org:8444", without a path, or nothing`;
      return [!isOriginOf(scheme, cluster[name]), ['cluster', name], allowed];
    }),
    [!/^[\w.:-]+$/.test(prefix), ['cluster', 'prefix'], 'letters, digits, and any of . : _ -'],
  ];
  return complaints.flatMap(([isWrong, path, allowed]) => (isWrong ? [{ path, allowed }] : []));
}

/** Or nothing. An IPv6 address stands there with or without its brackets. */
const isHost = (text: string): boolean =>
  /^[\w.-]*$/.test(text) || URL.canParse(`http://[${text.replace(/^\[|\]$/g, '')}]`);

function isOriginOf(scheme: 'http' | 'ws', text: string): boolean {
  if (text === '') return true;
  if (!new RegExp(`^${scheme}s?://[^/?#@]+/?$`, 'i').test(text)) return false;
  return URL.canParse(text);
}
