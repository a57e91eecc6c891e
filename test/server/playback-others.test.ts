/** Others who decide who plays: issuers of tokens, back ends, and the list of pages. */
import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { afterEach, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { openWebSocket } from '../support/server/websocket-client.js';
import { codeOf, endAll, nowS, onEnd, post, start, startBackEnd, whep } from './playback-stage.js';

afterEach(endAll);

test('tokens of somebody else are checked by the keys at jwksUrl', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
  let asked = 0;
  const url = await startBackEnd(() => {
    asked += 1;
    return { status: 200, body: JSON.stringify({ keys: [jwk] }) };
  });
  const stage = await start({ jwksUrl: `${url}/keys` });
  const sign = (kid: string, key: Parameters<SignJWT['sign']>[0], alg: string): Promise<string> =>
    new SignJWT({ stream: 'cam', exp: nowS() + 100 }).setProtectedHeader({ alg, kid }).sign(key);
  const token = await sign('k1', privateKey, 'ES256');
  assert.equal((await whep(stage, token)).status, 201);
  assert.equal((await whep(stage, token)).status, 201);
  const others = await generateKeyPair('ES256', { extractable: true });
  assert.equal((await whep(stage, await sign('k1', others.privateKey, 'ES256'))).status, 403);
  // The public key, taken for a shared secret (RFC 8725 2.1).
  const confused = await sign('k1', new TextEncoder().encode(JSON.stringify(jwk)), 'HS256');
  assert.equal((await whep(stage, confused)).status, 403);
  for (let n = 0; n < 5; n += 1)
    assert.equal((await whep(stage, await sign(`k${n + 2}`, others.privateKey, 'ES256'))).status, 403);
  assert.ok(asked <= 2, `unknown keys are looked for seldom: ${asked}`);
});

test('without the keys at jwksUrl nobody is let in, and may come again', async () => {
  const url = await startBackEnd(() => ({ status: 500 }));
  const stage = await start({ jwksUrl: url });
  const { privateKey } = await generateKeyPair('ES256');
  const token = await new SignJWT({ stream: 'cam', exp: nowS() + 100 })
    .setProtectedHeader({ alg: 'ES256' })
    .sign(privateKey);
  const answer = await whep(stage, token);
  assert.deepEqual([answer.status, codeOf(answer)], [503, 'viewer.hookFailed']);
});

test('a back end decides who plays, and knows by what', async () => {
  const calls: { path: string; body: Record<string, unknown> }[] = [];
  let status = 204;
  const hookUrl = await startBackEnd((path, body) => {
    calls.push({ path, body: JSON.parse(body) });
    return { status };
  });
  const stage = await start({ hookUrl: `${hookUrl}/auth/` });
  assert.equal(
    (await post(stage, '/whep/cam?token=theirs', { 'User-Agent': 'me', Origin: 'https://a.example' })).status,
    201,
  );
  assert.deepEqual(calls, [
    {
      path: '/auth/play',
      body: {
        protocol: 'whep',
        name: 'cam',
        token: 'theirs',
        tokenId: null,
        subject: null,
        clientIp: '127.0.0.1',
        origin: 'https://a.example',
        userAgent: 'me',
      },
    },
  ]);
  status = 403;
  const declined = await post(stage, '/whep/cam');
  assert.deepEqual([declined.status, codeOf(declined)], [403, 'viewer.declined']);
  assert.equal(await openWebSocket(`${stage.signalling}/mse/cam`).then(({ closed }) => closed), 4403);
  assert.equal((await stage.ask('/hls/cam/index.m3u8')).status, 403);
  assert.equal((await stage.ask('/poster/cam')).status, 403);
  status = 500;
  const failed = await post(stage, '/whep/cam');
  assert.deepEqual([failed.status, codeOf(failed)], [503, 'viewer.hookFailed']);
});

test('only pages of playback.origins and of this host play, and CORS and frames say so', async () => {
  const stage = await start({ origins: ['https://a.example'] });
  const host = new URL(stage.rest).host;
  const ask = async (origin: string) => {
    const { status, headers } = await post(stage, '/whep/cam', origin === '' ? {} : { Origin: origin });
    return [status, headers['access-control-allow-origin']];
  };
  assert.deepEqual(await ask('https://a.example'), [201, 'https://a.example']);
  assert.deepEqual(await ask(`http://${host}`), [201, `http://${host}`]);
  assert.deepEqual(await ask(''), [201, undefined]);
  assert.deepEqual(await ask('https://evil.example'), [403, undefined]);
  const poster = async (referer: string): Promise<number> =>
    (await stage.ask('/poster/cam', { headers: { Referer: referer } })).status;
  assert.deepEqual([await poster('https://a.example/page'), await poster('https://evil.example/page')], [200, 403]);
  const policy = (await stage.ask('/embed/cam')).headers['content-security-policy'];
  assert.match(String(policy), /frame-ancestors 'self' https:\/\/a\.example$/);
});

test('who makes up names without end takes up its own share of those who play by HLS', async () => {
  const hookUrl = await startBackEnd(() => ({ status: 204 }));
  const stage = await start({ hookUrl });
  const asked = Array.from({ length: 1010 }, (_, n) => `/hls/made-up-${n}/index.m3u8`);
  const statuses = new Map<number, number>();
  const client = new Agent({ keepAlive: true, maxSockets: 50 });
  onEnd(() => client.destroy());
  await Promise.all(
    asked.map(async (path) => {
      const status = await statusOf(stage.server.restPort, path, '127.0.0.1', client);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }),
  );
  assert.deepEqual([...statuses].sort(), [
    [404, 1000],
    [429, 10],
  ]);
  assert.equal(await statusOf(stage.server.restPort, '/hls/nothing/index.m3u8', '127.0.0.2', client), 404);
});

const statusOf = (port: number, path: string, localAddress: string, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, localAddress, agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    }).on('error', reject);
  });
