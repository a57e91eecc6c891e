import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAddressGuard } from '../../../src/core/guard/address.js';
import { createResolver, type ResolvedAddress, type Resolver } from '../../../src/net/resolve.js';

interface Question {
  readonly hostname: string;
  answer(addresses: readonly ResolvedAddress[]): void;
  refuse(error: Error): void;
}

const v4 = (address: string): ResolvedAddress => ({ address, family: 4 });

function setUp(timeoutMs = 60_000): { resolver: Resolver; questions: Question[]; clock: { nowMs: number } } {
  const questions: Question[] = [];
  const clock = { nowMs: 0 };
  const resolver = createResolver({
    timeoutMs,
    viewerDialsPerMinute: 3,
    guard: createAddressGuard({ viewerAllow: [], restDeny: ['192.0.2.0/24'], restAllow: [], viewerPorts: [] }),
    nowMs: () => clock.nowMs,
    lookUp: (hostname) =>
      new Promise((answer, refuse) => {
        questions.push({ hostname, answer, refuse });
      }),
  });
  return { resolver, questions, clock };
}

/** Lets all settled promises continue. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('addresses and localhost are resolved without a look-up', async () => {
  const { resolver, questions } = setUp();
  assert.deepEqual(await resolver.resolve('203.0.113.9', 'rest', 1935, null), [v4('203.0.113.9')]);
  assert.deepEqual(await resolver.resolve('2606:4700::1111', 'viewer', 1935, null), [
    { address: '2606:4700::1111', family: 6 },
  ]);
  for (const name of ['localhost', 'LOCALHOST', 'localhost.', 'a.localhost']) {
    assert.deepEqual(await resolver.resolve(name, 'rest', 1935, null), [
      v4('127.0.0.1'),
      { address: '::1', family: 6 },
    ]);
    await assert.rejects(resolver.resolve(name, 'viewer', 1935, null), { code: 'source.addressDenied' });
  }
  assert.equal(questions.length, 0);
});

test('concurrent callers share one look-up of a name, whose result is cached for some seconds', async () => {
  const { resolver, questions, clock } = setUp();
  const both = Promise.all([
    resolver.resolve('cam.example', 'rest', 1935, null),
    resolver.resolve('CAM.example', 'config', 1935, null),
  ]);
  await settled();
  assert.deepEqual(
    questions.map(({ hostname }) => hostname),
    ['cam.example'],
  );
  questions[0]?.answer([v4('8.8.8.8')]);
  assert.deepEqual(await both, [[v4('8.8.8.8')], [v4('8.8.8.8')]]);
  clock.nowMs = 4999;
  assert.deepEqual(await resolver.resolve('cam.example', 'rest', 1935, null), [v4('8.8.8.8')]);
  assert.equal(questions.length, 1);
  clock.nowMs = 5000;
  const again = resolver.resolve('cam.example', 'rest', 1935, null);
  await settled();
  questions[1]?.answer([v4('9.9.9.9')]);
  assert.deepEqual(await again, [v4('9.9.9.9')]);
});

test('only the addresses that the guard allows for the origin are returned', async () => {
  const { resolver, questions } = setUp();
  const mixed = [v4('10.0.0.1'), v4('192.0.2.1'), v4('8.8.8.8')];
  const forViewer = resolver.resolve('mixed.example', 'viewer', 1935, null);
  const forRest = resolver.resolve('mixed.example', 'rest', 1935, null);
  await settled();
  questions[0]?.answer(mixed);
  assert.deepEqual(await forViewer, [v4('8.8.8.8')]);
  assert.deepEqual(await forRest, [v4('10.0.0.1'), v4('8.8.8.8')]);
});

test('a name that resolves only to denied addresses, in any spelling, is denied', async () => {
  const { resolver, questions } = setUp();
  for (const [n, spelling] of ['2130706433', '0x7f.1', 'inner.example'].entries()) {
    const denied = assert.rejects(resolver.resolve(spelling, 'viewer', 1935, null), { code: 'source.addressDenied' });
    await settled();
    questions[n]?.answer([v4('127.0.0.1')]);
    await denied;
  }
});

test('a name that does not resolve, or has no address, is an error, and is looked up again the next time', async () => {
  const { resolver, questions } = setUp();
  const failed = assert.rejects(resolver.resolve('no.example', 'rest', 1935, null), { code: 'source.nameNotResolved' });
  await settled();
  questions[0]?.refuse(new Error('getaddrinfo ENOTFOUND no.example'));
  await failed;
  const empty = assert.rejects(resolver.resolve('no.example', 'rest', 1935, null), { code: 'source.nameNotResolved' });
  await settled();
  questions[1]?.answer([]);
  await empty;
});

test('at most two look-ups are in flight, also when their callers have timed out', async () => {
  const { resolver, questions } = setUp(1);
  const all = ['a', 'b', 'c', 'd'].map((name) => resolver.resolve(`${name}.example`, 'rest', 1935, null));
  for (const result of await Promise.allSettled(all)) {
    assert.equal(result.status, 'rejected');
    assert.equal(result.status === 'rejected' && result.reason.code, 'source.nameNotResolved');
  }
  assert.deepEqual(
    questions.map(({ hostname }) => hostname),
    ['a.example', 'b.example'],
  );
  questions[1]?.answer([v4('8.8.8.8')]);
  await settled();
  assert.deepEqual(
    questions.map(({ hostname }) => hostname),
    ['a.example', 'b.example', 'c.example'],
  );
});

test('look-ups that hang delay neither addresses nor cached names', async () => {
  const { resolver, questions } = setUp();
  const known = resolver.resolve('known.example', 'rest', 1935, null);
  await settled();
  questions[0]?.answer([v4('8.8.8.8')]);
  await known;
  const dead = [
    resolver.resolve('dead1.example', 'rest', 1935, null),
    resolver.resolve('dead2.example', 'rest', 1935, null),
  ];
  assert.deepEqual(await resolver.resolve('known.example', 'rest', 1935, null), [v4('8.8.8.8')]);
  assert.deepEqual(await resolver.resolve('127.0.0.1', 'rest', 1935, null), [v4('127.0.0.1')]);
  await settled();
  for (const question of questions.slice(1)) question.answer([v4('8.8.8.8')]);
  await Promise.all(dead);
});

test('getaddrinfo rejects a name that cannot exist', async () => {
  const guard = createAddressGuard({ viewerAllow: [], restDeny: [], restAllow: [], viewerPorts: [] });
  const resolver = createResolver({ timeoutMs: 3000, viewerDialsPerMinute: 3, guard, nowMs: () => 0 });
  await assert.rejects(resolver.resolve('no-such-name.invalid', 'rest', 1935, null), {
    code: 'source.nameNotResolved',
  });
});

test('all viewers together have one address dialled so often a minute, whatever its names, and REST as it likes', async () => {
  const guard = createAddressGuard({ viewerAllow: [], restDeny: [], restAllow: [], viewerPorts: [] });
  let nowMs = 0;
  const resolver = createResolver({
    timeoutMs: 3000,
    viewerDialsPerMinute: 3,
    guard,
    nowMs: () => nowMs,
    lookUp: async () => [v4('8.8.8.8')],
  });
  for (const name of ['a', 'b', 'c']) await resolver.resolve(`${name}.example`, 'viewer', 1935, null);
  await assert.rejects(resolver.resolve('d.example', 'viewer', 443, null), { code: 'source.unreachable' });
  await resolver.resolve('d.example', 'rest', 1935, null);
  await resolver.resolve('8.8.4.4', 'viewer', 1935, null);
  nowMs = 20_000;
  await resolver.resolve('d.example', 'viewer', 443, null);
});

test('viewers may have only their ports dialled', async () => {
  const guard = createAddressGuard({ viewerAllow: [], restDeny: [], restAllow: [], viewerPorts: [1935, 443] });
  const resolver = createResolver({ timeoutMs: 3000, viewerDialsPerMinute: 9, guard, nowMs: () => 0 });
  await assert.rejects(resolver.resolve('8.8.8.8', 'viewer', 22, null), { code: 'source.addressDenied' });
  await resolver.resolve('8.8.8.8', 'viewer', 443, null);
  await resolver.resolve('8.8.8.8', 'rest', 22, null);
});
