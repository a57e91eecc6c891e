import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SluiceError } from '../../../src/errors.js';
import { startRefusingServer, startStatusServer } from '../../support/source/play-server.js';
import { loopback, playServer, pullFrom, settings } from '../../support/source/pulling.js';

test('a redirect is followed to the same stream there, every hop through the resolver and its guard', async (t) => {
  const server = await playServer(t);
  server.showsVideo();
  const ex = { code: 302, redirect: `rtmp://localhost:${server.port}/live` };
  const first = await startRefusingServer(() => ({ ex }));
  t.after(() => first.close());
  const asked: string[] = [];
  const { pull, events, seen } = pullFrom(t, `rtmp://127.0.0.1:${first.port}/live/cam`, {
    resolve: async (host, origin) => {
      asked.push(`${host} ${origin}`);
      return loopback;
    },
  });
  pull.start();
  await seen(/^CONNECTED$/);
  assert.deepEqual(events.slice(0, 3), ['PENDING', 'session', 'CONNECTED']);
  assert.deepEqual(asked, ['127.0.0.1 rest', 'localhost rest']);
});

test('a redirect to an address that the guard denies fails the pull, and nothing is dialled', async (t) => {
  const forbidden = await playServer(t);
  const ex = { code: 302, redirect: `rtmp://internal.example:${forbidden.port}/live` };
  const first = await startRefusingServer(() => ({ ex }));
  t.after(() => first.close());
  let dialled = 0;
  void forbidden.played().then(() => (dialled += 1));
  const { pull, events, seen } = pullFrom(t, `rtmp://127.0.0.1:${first.port}/live/cam`, {
    resolve: async (host) => {
      if (host === 'internal.example') throw new SluiceError('source.addressDenied', 'private');
      return loopback;
    },
  });
  pull.start();
  await seen(/^FAILED/);
  assert.equal(forbidden.sockets.size, 0);
  assert.equal(dialled, 0);
  assert.deepEqual(events, ['PENDING', 'FAILED source.addressDenied private (redirected to internal.example)']);
});

test('a server that asks to reconnect elsewhere while it plays is followed, through the guard', async (t) => {
  const server = await playServer(t);
  server.showsVideo();
  const code = 'NetConnection.Connect.ReconnectRequest';
  const leaving = await startStatusServer({ level: 'status', code, tcUrl: `rtmp://localhost:${server.port}/live` });
  t.after(() => leaving.close());
  const asked: string[] = [];
  const { pull, events, seen } = pullFrom(t, `rtmp://127.0.0.1:${leaving.port}/live/cam`, {
    async resolve(host) {
      asked.push(host);
      return loopback;
    },
  });
  pull.start();
  await seen(/^video$/);
  assert.deepEqual(asked, ['127.0.0.1', 'localhost']);
  assert.deepEqual(events.slice(0, 6), [
    'PENDING',
    'session',
    'CONNECTED',
    'PENDING source.ended it asked to connect elsewhere',
    'session',
    'CONNECTED',
  ]);
});

test('a reconnect request to an address that the guard denies fails the pull, and nothing is dialled', async (t) => {
  const forbidden = await playServer(t);
  const code = 'NetConnection.Connect.ReconnectRequest';
  const tcUrl = `rtmp://internal.example:${forbidden.port}/live`;
  const leaving = await startStatusServer({ level: 'status', code, tcUrl });
  t.after(() => leaving.close());
  let dialled = 0;
  void forbidden.played().then(() => (dialled += 1));
  const { pull, seen } = pullFrom(t, `rtmp://127.0.0.1:${leaving.port}/live/cam`, {
    async resolve(host) {
      if (host === 'internal.example') throw new SluiceError('source.addressDenied');
      return loopback;
    },
  });
  pull.start();
  await seen(/^FAILED source\.addressDenied \(redirected to internal\.example\)$/);
  assert.deepEqual([forbidden.sockets.size, dialled], [0, 0]);
});

test('redirects in a circle are cut after three', async (t) => {
  let connects = 0;
  const circle = await startRefusingServer((connect) => {
    connects += 1;
    return { ex: { code: 302, redirect: String(connect.tcUrl) } };
  });
  t.after(() => circle.close());
  const slowly = { settings: { ...settings, reconnectFirstMs: 60_000, reconnectMaxMs: 60_000 } };
  const { pull, seen } = pullFrom(t, `rtmp://127.0.0.1:${circle.port}/live/cam`, slowly);
  pull.start();
  await seen(/^PENDING source\.rejected more than 3 redirects$/);
  assert.equal(connects, 4);
});

test('credentials go through both steps of a challenge, and a refusal of them fails the pull for good', async (t) => {
  const apps: string[] = [];
  const server = await startRefusingServer(({ app }) => {
    apps.push(String(app));
    const head = '[ AccessManager.Reject ] : [ ';
    if (apps.length === 1) return { description: `${head}code=403 need auth; authmod=adobe ] : ` };
    if (apps.length === 2)
      return { description: `${head}authmod=adobe ] : ?reason=needauth&user=me&salt=s&challenge=c` };
    return { description: `${head}authmod=adobe ] : ?reason=authfailed` };
  });
  t.after(() => server.close());
  const { pull, events, lines, seen } = pullFrom(t, `rtmp://me:s3cret@127.0.0.1:${server.port}/live/cam`);
  pull.start();
  await seen(/^FAILED/);
  assert.deepEqual(events, ['PENDING', 'FAILED source.notAuthorised it refused the user or the password']);
  assert.deepEqual(apps.slice(0, 2), ['live', 'live?authmod=adobe&user=me']);
  assert.match(apps[2] ?? '', /^live\?authmod=adobe&user=me&challenge=[0-9a-f]{8}&response=[^&]+$/);
  assert.doesNotMatch(JSON.stringify([events, lines, apps]), /s3cret/);
});

test('a server that asks for credentials without end is left', async (t) => {
  const description = '[ AccessManager.Reject ] : [ code=403 need auth; authmod=llnw ] : ';
  const server = await startRefusingServer(() => ({ description }));
  t.after(() => server.close());
  const { pull, seen } = pullFrom(t, `rtmp://me:s3cret@127.0.0.1:${server.port}/live/cam`);
  pull.start();
  await seen(/^FAILED source\.notAuthorised it asks for credentials again and again$/);
});

test('the resolver fails with its own reason, and a later address serves where an earlier one refuses', async (t) => {
  const server = await playServer(t);
  server.showsVideo();
  let calls = 0;
  const { pull, events, seen } = pullFrom(t, `rtmp://cam.example:${server.port}/live/cam`, {
    resolve: async () => {
      calls += 1;
      if (calls === 1) throw new SluiceError('source.nameNotResolved', 'no such name');
      return [{ address: '127.0.0.2', family: 4 }, ...loopback];
    },
  });
  pull.start();
  await seen(/^CONNECTED$/);
  assert.deepEqual(events.slice(0, 2), ['PENDING', 'PENDING source.nameNotResolved no such name']);
  assert.equal(calls, 2);
});

test('an address that is no RTMP address fails the pull without its words', async (t) => {
  const { pull, events, seen } = pullFrom(t, 'rtmp://me:s3cret@/live/cam');
  pull.start();
  await seen(/^FAILED/);
  assert.deepEqual(events, ['PENDING', 'FAILED request.invalid rtmp.url: it names no host']);
});
