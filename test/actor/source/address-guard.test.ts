/** The address guard as a viewer meets it: by spelling, by name, by redirect. What is dialled is seen before it is dialled. */
import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type TestContext, test } from 'node:test';
import { domainToASCII } from 'node:url';
import { createAddressGuard } from '../../../src/core/guard/address.js';
import type { ResolvedAddress } from '../../../src/net/resolve.js';
import { createResolver } from '../../../src/net/resolve.js';
import { deniedNames, deniedUris } from '../../support/source/denied-hosts.js';
import { spyOnDials } from '../../support/source/dial-spy.js';
import { startRefusingServer } from '../../support/source/play-server.js';
import { pullFrom, settings } from '../../support/source/pulling.js';

const once = { settings: { ...settings, reconnectFirstMs: 60_000, reconnectMaxMs: 60_000 } };
const addressesOf = (texts: readonly string[]): ResolvedAddress[] =>
  texts.map((address) => ({ address, family: isIP(address) === 6 ? 6 : 4 }));

/**
 * The system's resolver for what it reads as a number, which asks nobody; the table for names; else there is none.
 * Node maps a name to ASCII before it asks.
 */
async function lookUp(name: string): Promise<readonly ResolvedAddress[]> {
  const known = deniedNames.get(name);
  if (known !== undefined) return addressesOf(known);
  if (!/^(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*\.?$/i.test(domainToASCII(name) || name)) throw new Error('ENOTFOUND');
  return addressesOf((await lookup(name, { all: true })).map(({ address }) => address));
}

const resolverOf = (look: typeof lookUp) =>
  createResolver({
    timeoutMs: 2000,
    viewerDialsPerMinute: 1000,
    nowMs: () => performance.now(),
    lookUp: look,
    guard: createAddressGuard({ viewerAllow: [], restDeny: [], restAllow: [], viewerPorts: [] }),
  });

/** One attempt of a pull that a viewer began, to its end. */
async function attempt(t: TestContext, uri: string, resolver = resolverOf(lookUp)): Promise<string> {
  const { pull, events, seen } = pullFrom(t, uri, { ...once, origin: 'viewer', resolve: resolver.resolve });
  pull.start();
  await seen(/ (source|request)\./);
  await pull.stop();
  return events.at(-1) ?? '';
}

test(`${deniedUris.length} spellings of inner addresses: none is dialled, and all are told apart from what is down`, async (t) => {
  assert.ok(new Set(deniedUris).size >= 200);
  const dials = spyOnDials(t);
  const ends = new Map<string, number>();
  for (const uri of deniedUris) {
    const end = await attempt(t, uri);
    assert.match(end, /source\.addressDenied|source\.nameNotResolved|request\.invalid/, `${uri} ended in ${end}`);
    assert.deepEqual(dials, [], `${uri} was dialled`);
    const [reason = ''] = /(source|request)\.\w+/.exec(end) ?? [];
    ends.set(reason, (ends.get(reason) ?? 0) + 1);
  }
  t.diagnostic([...ends].map(([reason, count]) => `${reason}: ${count}`).join(', '));
  // Most are addresses after all: the guard itself has denied them, not a parser that could not read them.
  assert.ok((ends.get('source.addressDenied') ?? 0) >= 150, JSON.stringify([...ends]));
});

test('public addresses are dialled, however they are written, and as the address that was checked', async (t) => {
  const dials = spyOnDials(t);
  const names = { 'cdn.example': ['93.184.216.34'], 'six.example': ['2606:4700::1111'] };
  const resolver = resolverOf(async (name) => addressesOf(Reflect.get(names, name)));
  const numeric = resolverOf(lookUp);
  const cases: readonly (readonly [uri: string, host: string, port: number])[] = [
    ['rtmp://8.8.8.8/live/x', '8.8.8.8', 1935],
    ['rtmp://u:p@8.8.8.8:1936/live/x', '8.8.8.8', 1936],
    ['rtmps://1.1.1.1/live/x', '1.1.1.1', 443],
    ['rtmp://134744072/live/x', '8.8.8.8', 1935],
    ['rtmp://0x08080808/live/x', '8.8.8.8', 1935],
    ['rtmp://010.8.8.8/live/x', '8.8.8.8', 1935],
    ['rtmp://[2606:4700::1111]/live/x', '2606:4700::1111', 1935],
    ['rtmp://[::ffff:8.8.8.8]/live/x', '::ffff:8.8.8.8', 1935],
  ];
  for (const [uri] of cases) await attempt(t, uri, numeric);
  await attempt(t, 'rtmp://cdn.example/live/x', resolver);
  await attempt(t, 'rtmps://six.example/live/x', resolver);
  assert.deepEqual(dials, [
    ...cases.map(([, host, port]) => ({ host, port })),
    { host: '93.184.216.34', port: 1935 },
    { host: '2606:4700::1111', port: 443 },
  ]);
});

test('of a name with inner and public addresses only the public ones are dialled', async (t) => {
  const dials = spyOnDials(t);
  const mixed = resolverOf(async () => addressesOf(['127.0.0.1', '8.8.8.8', '::1', '10.0.0.1', '2606:4700::1111']));
  await attempt(t, 'rtmp://mixed.example/live/x', mixed);
  assert.deepEqual(
    dials.map(({ host }) => host),
    ['8.8.8.8', '2606:4700::1111'],
  );
});

test('a name that means another address the second time is dialled where it was checked, then no more', async (t) => {
  const dials = spyOnDials(t);
  const answers = [['8.8.8.8'], ['127.0.0.1'], ['169.254.169.254']];
  let asked = 0;
  let clockMs = 0;
  const resolver = createResolver({
    timeoutMs: 2000,
    viewerDialsPerMinute: 1000,
    guard: createAddressGuard({ viewerAllow: [], restDeny: [], restAllow: [], viewerPorts: [] }),
    // Each attempt finds what was cached expired.
    nowMs: () => (clockMs += 60_000),
    lookUp: async () => addressesOf(answers[asked++] ?? []),
  });
  const { pull, events, seen } = pullFrom(t, 'rtmp://rebind.example/live/x', {
    origin: 'viewer',
    resolve: resolver.resolve,
  });
  pull.start();
  await seen(/^FAILED/);
  assert.deepEqual(
    dials.map(({ host }) => host),
    ['8.8.8.8'],
  );
  assert.deepEqual([asked, events.at(-1)?.split(' ')[1]], [2, 'source.addressDenied']);
});

/** What can stand in a redirect at all. */
const targets = deniedUris.filter((uri) => /^rtmps?:\/\//i.test(uri));
const kinds = ['redirect', 'redirect2', 'reconnect'] as const;

test('redirects with 302 and reconnect requests to inner addresses are followed to none of them', async (t) => {
  let target = '';
  let kind: (typeof kinds)[number] = 'redirect';
  const server = await startRefusingServer(() => {
    const tcUrl = target.replace(/\/x$/, '');
    if (kind === 'reconnect') return { code: 'NetConnection.Connect.ReconnectRequest', tcUrl };
    return { ex: { code: 302, [kind]: kind === 'redirect' ? tcUrl : target } };
  });
  t.after(() => server.close());
  let redirects = 0;
  const dials = spyOnDials(t, ({ host, port }) => {
    if (host !== '8.8.8.8' || port !== 1936) return null;
    redirects += 1;
    return server.port;
  });
  for (const [n, uri] of targets.entries()) {
    kind = kinds[n % kinds.length] ?? 'redirect';
    target = uri;
    const end = await attempt(t, 'rtmp://8.8.8.8:1936/live/x');
    assert.match(end, /source\.(addressDenied|nameNotResolved|protocol)/, `${kind} to ${uri} ended in ${end}`);
    assert.deepEqual(dials, [], `${kind} to ${uri} was dialled`);
  }
  assert.equal(redirects, targets.length);
});

test('a pull by REST is redirected to special ranges only from one of the same kind', async (t) => {
  let target = '';
  const server = await startRefusingServer(() => ({ ex: { code: 302, redirect2: target } }));
  t.after(() => server.close());
  const own = new Set(['8.8.8.8', '10.0.0.1']);
  const dials = spyOnDials(t, ({ host }) => (own.has(host) ? server.port : null));
  const { resolve } = resolverOf(lookUp);
  for (const [from, to] of [
    ['8.8.8.8', 'rtmp://169.254.169.254/live/x'],
    ['8.8.8.8', 'rtmp://127.0.0.1:6379/live/x'],
    ['8.8.8.8', 'rtmp://1.1.1.1:22/live/x'],
    ['10.0.0.1', 'rtmp://169.254.169.254/live/x'],
  ] as const) {
    target = to;
    const { pull, seen } = pullFrom(t, `rtmp://${from}/live/x`, { ...once, resolve });
    pull.start();
    await seen(/^FAILED source\.addressDenied/);
    await pull.stop();
  }
  assert.deepEqual(dials, []);
  target = 'rtmp://10.0.0.2/live/x';
  const { pull, seen } = pullFrom(t, 'rtmp://10.0.0.1/live/x', { ...once, resolve });
  pull.start();
  await seen(/^PENDING source\./);
  await pull.stop();
  assert.deepEqual(dials, [{ host: '10.0.0.2', port: 1935 }]);
});
