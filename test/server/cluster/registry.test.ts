import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createClient } from '@redis/client';
import { openRegistry } from '../../../src/cluster/open-registry.js';
import type { Registry } from '../../../src/cluster/registry.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { times } from '../../../src/core/cluster/member.js';
import { claimWish, edgeRecord, nodeRecord, wantedStream } from '../../support/cluster/records.js';
import { type RedisServer, startRedisServer } from '../../support/cluster/redis-server.js';
import { registryCases } from '../../support/cluster/registry-cases.js';
import { revocationCases } from '../../support/cluster/revocation-cases.js';
import { tokenCases } from '../../support/cluster/token-cases.js';

let server: RedisServer;
const opened: Registry[] = [];
before(async () => {
  server = await startRedisServer();
});
after(async () => {
  await Promise.all(opened.map((registry) => registry.close()));
  await server.stop();
});

async function open(prefix: string): Promise<Registry> {
  const { cluster } = settingsSchema.parse({ cluster: { redis: server.url, prefix } });
  const registry = await openRegistry(cluster);
  opened.push(registry);
  return registry;
}

const clientOf = (url: string) => createClient({ url });
type Client = ReturnType<typeof clientOf>;

async function withRedis<T>(ask: (client: Client) => Promise<T>): Promise<T> {
  const client = clientOf(server.url);
  client.on('error', () => {});
  await client.connect();
  try {
    return await ask(client);
  } finally {
    client.destroy();
  }
}

const keysOf = (client: Client, prefix: string): Promise<readonly string[]> => client.keys(`${prefix}:*`);

for (const { name, run } of [...registryCases, ...revocationCases, ...tokenCases]) {
  test(name, async () => {
    const prefix = `test:${randomUUID()}`;
    const lapse = (): Promise<void> =>
      withRedis(async (client) => {
        for (const key of await keysOf(client, prefix)) {
          const isLease = !key.startsWith(`${prefix}:epoch:`) && (await client.pTTL(key)) >= 0;
          if (isLease) await client.pExpire(key, 0);
        }
      });
    const flush = (): Promise<void> =>
      withRedis(async (client) => {
        for (const key of await keysOf(client, prefix)) await client.del(key);
      });
    await run({ open: () => open(prefix), lapse, flush });
  });
}

test('everything ends with its lease, but what is wanted, and epochs a day later', async () => {
  const prefix = `test:${randomUUID()}`;
  const registry = await open(prefix);
  await registry.announce(nodeRecord('a'));
  await registry.want(wantedStream('one', { name: 'cam' }));
  const claim = await registry.claim(claimWish('one', 'a'), 0);
  await registry.renew([claim]);
  await registry.follow([edgeRecord('one', 'b')]);
  await registry.reportDeath('one', 'c');
  await registry.useToken('once', 90_000);
  await registry.takeSeats({ key: 'few', nodeId: 'a', viewers: 1, most: 2 });
  await registry.keepSeats('b', [{ key: 'kept', nodeId: 'b', viewers: 1, most: 2 }]);
  const leases = await withRedis(async (client) => {
    const keys = await keysOf(client, prefix);
    return Promise.all(keys.map(async (key) => [key.slice(prefix.length + 1), await client.pTTL(key)] as const));
  });
  const expectedMs = new Map([
    ['node:a', times.leaseMs],
    ['claim:{one}', times.leaseMs],
    ['edge:{one}:b', times.leaseMs],
    ['epoch:{one}', 86_400_000],
    ['wanted:one', -1],
    ['name:cam', -1],
    ['era', -1],
    ['suspect:one', 600_000],
    ['used:once', 90_000],
    ['seats:few', 180_000],
    ['seats:kept', 180_000],
  ]);
  assert.deepEqual(new Set(leases.map(([key]) => key)), new Set(expectedMs.keys()));
  for (const [key, leftMs] of leases) {
    const wholeMs = expectedMs.get(key) ?? 0;
    assert.ok(leftMs <= wholeMs && leftMs >= (wholeMs < 0 ? wholeMs : wholeMs - 4000), `${key}: ${leftMs} ms`);
  }
});

test('what is no record is passed over, and so are keys of others', async () => {
  const prefix = `test:${randomUUID()}`;
  const registry = await open(prefix);
  await registry.announce(nodeRecord('a'));
  await withRedis(async (client) => {
    await client.set(`${prefix}:node:b`, 'hello');
    await client.set(`${prefix}:wanted:c`, '{"key":"c"}');
    await client.set(`${prefix}:claim:{d}`, JSON.stringify({ ...claimWish('d', 'a'), epoch: -1 }));
    await client.set(`${prefix}:future:e`, 'hello');
    await client.set(`${prefix}x:node:f`, JSON.stringify(nodeRecord('f')));
    const later = { ...nodeRecord('g', { protocol: 2 }), colour: 'blue' };
    await client.set(`${prefix}:node:g`, JSON.stringify(later));
    await client.publish(`${prefix}:changes`, 'hello');
  });
  const { nodes, wanted, claims } = await registry.read();
  assert.deepEqual(nodes.map(({ nodeId }) => nodeId).sort(), ['a', 'g']);
  assert.deepEqual([...nodes.filter((node) => 'colour' in node), ...wanted, ...claims], []);
});

test('more than fit into one step of the scan are read', async () => {
  const prefix = `test:${randomUUID()}`;
  const registry = await open(prefix);
  const keys = Array.from({ length: 1800 }, (_, n) => `stream ${n}`);
  const records = keys.map((key) => [`${prefix}:wanted:${key}`, JSON.stringify(wantedStream(key))] as const);
  await withRedis((client) => client.mSet(Object.fromEntries(records)));
  const { wanted } = await registry.read();
  assert.deepEqual(wanted.map(({ key }) => key).sort(), keys.sort());
});
