/** The methods of a shard, for both ends. */
import type { Methods } from '../../src/wire/wire.js';
import type { ShardCalls } from './shard-contract.js';

export const shardCalls: Methods<ShardCalls> = {
  join: 'timed',
  restart: 'timed',
  leave: 'timed',
  stats: 'timed',
  stop: 'timed',
  handOver: 'timed',
};
