import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRedisUrl } from '../../../../src/core/cluster/redis-url.js';

const plain = { isTls: false, host: 'redis.example.org', port: 6379, user: '', password: '', database: 0 };

for (const [text, expected] of [
  ['redis://redis.example.org', plain],
  ['redis://redis.example.org/', plain],
  ['REDIS://redis.example.org:7000/3', { ...plain, port: 7000, database: 3 }],
  ['redis://redis.example.org:80', { ...plain, port: 80 }],
  ['rediss://redis.example.org', { ...plain, isTls: true }],
  ['redis://:s%2Fecret@[::1]:6380', { ...plain, host: '::1', port: 6380, password: 's/ecret' }],
  ['redis://sluice:secret@127.0.0.1', { ...plain, host: '127.0.0.1', user: 'sluice', password: 'secret' }],
] as const) {
  test(`${text} is read`, () => assert.deepEqual(parseRedisUrl(text), expected));
}

for (const text of [
  '',
  'redis.example.org',
  'redis://',
  'redis:///0',
  'redis://:6379',
  'redis://host:0',
  'redis://host:70000',
  'redis://host/one',
  'redis://host/0?db=1',
  'redis://host/0#1',
  'redis://:%zz@host',
  'http://host:6379',
  'redis-sentinel://host',
]) {
  test(`"${text}" is no address of a Redis`, () => assert.equal(parseRedisUrl(text), null));
}
