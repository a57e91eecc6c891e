/** Redis that goes, stands still, comes back empty, or lets nobody in. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createClient } from '@redis/client';
import { openRegistry } from '../../../src/cluster/open-registry.js';
import type { Registry } from '../../../src/cluster/registry.js';
import { settingsSchema } from '../../../src/config/schema.js';
import type { RegistryChange } from '../../../src/core/cluster/records.js';
import { readThrown } from '../../../src/errors.js';
import { createAuthority } from '../../support/certificates.js';
import { claimWish, edgeRecord, nodeRecord, wantedStream } from '../../support/cluster/records.js';
import { type RedisServer, startRedisServer } from '../../support/cluster/redis-server.js';
import { writeFileOf } from '../../support/file-of.js';
import { until } from '../../support/until.js';

let server: RedisServer;
before(async () => {
  server = await startRedisServer();
});
after(() => server.stop());

interface Opened {
  readonly registry: Registry;
  readonly heard: RegistryChange[];
  gaps(): number;
  close(): Promise<void>;
}

async function open(cluster: object): Promise<Opened> {
  const registry = await openRegistry(settingsSchema.parse({ cluster }).cluster);
  const heard: RegistryChange[] = [];
  let gaps = 0;
  registry.onChange((change) => heard.push(change));
  registry.onGap(() => {
    gaps += 1;
  });
  return { registry, heard, gaps: () => gaps, close: () => registry.close() };
}

const isReached = ({ registry }: Opened) =>
  until(
    'Redis is reached',
    () =>
      registry.read().then(
        () => true,
        () => false,
      ),
    8000,
  );

/** Calls that are made at once, and how long the last one took to be refused. */
async function refusedAfterMs({ registry }: Opened): Promise<number> {
  const startMs = performance.now();
  const calls = [registry.read(), registry.announce(nodeRecord('a')), registry.renew([]), registry.unwant('one', '')];
  const [read, announce, , unwant] = await Promise.allSettled(calls);
  for (const result of [read, announce, unwant]) {
    if (result?.status !== 'rejected') assert.fail('it is answered');
    assert.equal(readThrown(result.reason).code, 'registry.unreachable');
  }
  assert.equal(registry.isReachable, false);
  return performance.now() - startMs;
}

test('a Redis that is killed is missed at once, and found again empty', async () => {
  const opened = await open({ redis: server.url });
  await opened.registry.want(wantedStream('one', { name: 'cam' }));
  const { era } = await opened.registry.read();
  await server.kill();
  assert.ok((await refusedAfterMs(opened)) < 1000);
  await server.restart();
  await isReached(opened);
  assert.equal(opened.registry.isReachable, true);
  await until('changes are heard again', () => opened.gaps() > 0);
  const view = await opened.registry.read();
  assert.notEqual(view.era, era);
  const { nodes, wanted, claims, edges, suspects, revoked } = view;
  assert.deepEqual([nodes, wanted, claims, edges, suspects, revoked], [[], [], [], [], [], []]);
  const before = opened.heard.length;
  await opened.registry.announce(nodeRecord('a'));
  await until('the change is heard', () => opened.heard.length === before + 1);
  await opened.close();
});

test('a Redis that stands still is missed within a second, and used again when it goes on', async () => {
  const opened = await open({ redis: server.url });
  await opened.registry.read();
  server.pause();
  const afterMs = await refusedAfterMs(opened);
  assert.ok(afterMs > 900 && afterMs < 1900, `${afterMs.toFixed(0)} ms`);
  assert.ok((await refusedAfterMs(opened)) < 500, 'nobody waits for a connection');
  server.resume();
  await isReached(opened);
  await until('changes are heard again', () => opened.gaps() > 0);
  await opened.registry.announce(nodeRecord('b'));
  await until('the change is heard', () =>
    opened.heard.some((change) => change.kind === 'node' && change.nodeId === 'b'),
  );
  await opened.close();
});

test('a Redis that became a replica is left, and looked for again', async () => {
  const opened = await open({ redis: server.url });
  const redis = createClient({ url: server.url });
  await redis.connect();
  await redis.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
  await assert.rejects(opened.registry.announce(nodeRecord('a')), /READONLY/);
  await redis.sendCommand(['REPLICAOF', 'NO', 'ONE']);
  await until('it is used again', () =>
    opened.registry.announce(nodeRecord('a')).then(
      () => true,
      () => false,
    ),
  );
  await until('changes are heard again', () => opened.gaps() > 0);
  redis.destroy();
  await opened.close();
});

test('a Redis that is not there yet is waited for', async () => {
  const later = await startRedisServer();
  await later.kill();
  const opened = await open({ redis: later.url });
  assert.ok((await refusedAfterMs(opened)) < 1000);
  await assert.rejects(opened.registry.read(), /ECONNREFUSED/);
  await later.restart();
  await isReached(opened);
  await opened.close();
  await later.stop();
});

test('a password is given, and a wrong one is told without being shown', async (t) => {
  const password = 'pass/word?of#Redis';
  const guarded = await startRedisServer({ password });
  t.after(() => guarded.stop());
  const address = `redis://:${encodeURIComponent(password)}@127.0.0.1:${guarded.port}`;
  for (const cluster of [{ redis: address }, { redis: guarded.url, redisPassword: password }]) {
    const opened = await open(cluster);
    await opened.registry.read();
    await opened.close();
  }
  for (const [cluster, words] of [
    [{ redis: guarded.url, redisPassword: 'a wrong one' }, /WRONGPASS/],
    [{ redis: guarded.url }, /NOAUTH/],
  ] as const) {
    const opened = await open(cluster);
    const refused = () =>
      opened.registry.read().then(
        () => assert.fail('it is let in'),
        (error: unknown) => readThrown(error).message,
      );
    const message = await until('the reason is known', async () => {
      const text = await refused();
      return words.test(text) && text;
    });
    assert.doesNotMatch(message, /a wrong one|pass.word/);
    await opened.close();
  }
});

test('a user of Redis that may do no more than docs/cluster.md says is enough', async (t) => {
  const [, rule = ''] = /ACL SETUSER (sluice .*)$/m.exec(readFileSync('.github/docs/cluster.md', 'utf8')) ?? [];
  assert.match(rule, /^sluice on /);
  const strict = await startRedisServer({ lines: [`user ${rule}`] });
  t.after(() => strict.stop());
  const redis = `redis://sluice:PASSWORD@127.0.0.1:${strict.port}`;
  const opened = await open({ redis });
  const { registry } = opened;
  const wanted = wantedStream('one', { name: 'cam' });
  assert.equal((await registry.want(wanted)).refusal, null);
  assert.equal(await registry.rewant({ ...wanted, name: 'cam2' }), null);
  assert.equal((await registry.want(wantedStream('two', { name: 'cam2' }))).refusal, 'pull.nameTaken');
  await registry.announce(nodeRecord('a'));
  const claim = await registry.claim(claimWish('one', 'a'), 0);
  assert.deepEqual(await registry.renew([claim]), [true]);
  await registry.follow([edgeRecord('one', 'b')]);
  await registry.unfollow('one', 'b');
  await registry.release(claim);
  await registry.unwant('one', wanted.pullId);
  await registry.reportDeath('one', 'b');
  assert.equal(await registry.useToken('once', 60_000), true);
  const seats = { key: 'few', nodeId: 'a', viewers: 1, most: 1 };
  assert.equal(await registry.takeSeats(seats), true);
  await registry.keepSeats('a', [{ ...seats, viewers: 0 }]);
  assert.equal(await registry.evictionPolicy(), 'noeviction');
  assert.equal((await registry.read()).nodes.length, 1);
  await until('changes are heard', () => opened.heard.length === 9);
  await opened.close();
});

test('TLS by an authority of your own, and by no other', async (t) => {
  const authority = createAuthority('ours');
  const secured = await startRedisServer({ tls: authority.issue('localhost') });
  t.after(() => secured.stop());
  const opened = await open({ redis: secured.url, caFile: writeFileOf(t, authority.certPem) });
  await opened.registry.read();
  await opened.close();
  const strict = await open({ redis: secured.url, caFile: writeFileOf(t, createAuthority('others').certPem) });
  await until('the reason is known', () =>
    strict.registry.read().then(
      () => assert.fail('it is let in'),
      (error: unknown) => /UNABLE_TO|CERT|SIGNATURE/.test(readThrown(error).message),
    ),
  );
  await strict.close();
});
