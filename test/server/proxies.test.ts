import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { checkControl } from '../../src/cli/check-control.js';
import type { Settings } from '../../src/config/schema.js';
import {
  documentedCaddy,
  documentedHaproxy,
  documentedNginx,
  plainNginx,
  plainNginx11,
  proxyProtocolRelay,
  type StartFront,
  tcpRelay,
} from '../support/server/fronts.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { offer, type ServerStage, startStage } from './stage.js';

const fronts: Readonly<Record<string, StartFront>> = {
  'nginx with HTTP/1.0': plainNginx,
  'nginx with HTTP/1.1': plainNginx11,
  'nginx as documented': documentedNginx,
  'HAProxy as documented': documentedHaproxy,
  'Caddy as documented': documentedCaddy,
  'HAProxy with the PROXY protocol': proxyProtocolRelay,
  'a TCP relay': tcpRelay,
};

type Given = { readonly server?: Partial<Settings['server']>; readonly control?: Partial<Settings['control']> };

const closing: Readonly<Record<string, Given>> = {
  'server.trustedProxies': { server: { trustedProxies: ['127.0.0.1'] } },
  'control.loopback: false': { control: { loopback: false } },
  'control.listen': { control: { listen: '127.0.0.1:0' } },
};

async function behind(
  startFront: StartFront,
  settings: Given,
  work: (port: number, stage: ServerStage) => Promise<void>,
): Promise<void> {
  const stage = await startStage({ settings });
  const front = await startFront(stage.server.restPort);
  try {
    await work(front.port, stage);
  } finally {
    await front.stop();
    await stage.end();
  }
}

for (const [name, startFront] of Object.entries(fronts)) {
  for (const [setting, given] of Object.entries(closing)) {
    test(`behind ${name}, ${setting} closes control to every disguise`, () =>
      behind(startFront, given, async (port) => {
        const { text, exitCode } = await checkControl(new URL(`http://127.0.0.1:${port}`));
        assert.match(text, /^Control is closed: 40 attempts/);
        assert.equal(exitCode, 0);
      }));
  }
}

test('while loopback is trusted, the check finds control open behind a proxy that says nothing', () =>
  behind(tcpRelay, {}, async (port) => {
    const { text, exitCode } = await checkControl(new URL(`http://127.0.0.1:${port}`));
    assert.match(text, /open: GET \/metrics \(disguise: Host: localhost\): HTTP 200/);
    assert.match(text, /open: POST \/rest-api\/pull\/rtmp\/pull/);
    assert.match(text, /This machine may control by default/);
    assert.equal(exitCode, 1);
  }));

test('the check says when nobody answers', async () => {
  const { exitCode } = await checkControl(new URL('http://127.0.0.1:1'));
  assert.equal(exitCode, 2);
});

for (const name of ['nginx as documented', 'HAProxy as documented', 'Caddy as documented']) {
  test(`behind ${name}, WHEP and signalling see the address of the client`, () =>
    behind(fronts[name] ?? tcpRelay, closing['server.trustedProxies'] ?? {}, async (port, stage) => {
      assert.equal(await postOffer(port, '127.0.0.9'), 201);
      assert.equal(stage.streams.viewed[0]?.clientIp, '127.0.0.9');
      const client = await openWebSocket(`ws://127.0.0.1:${port}`, '127.0.0.8');
      client.sendJson({ message: 'connection', data: [{ appKey: 'defaultApp' }] });
      const { data } = await client.nextMessage('getUserData');
      assert.match(JSON.stringify(data), /"authToken":"\/127\.0\.0\.8:/);
      client.close();
      await client.closed;
    }));
}

test('an address in control.allow controls through a trusted proxy, and no other does', () =>
  behind(
    documentedNginx,
    { server: { trustedProxies: ['127.0.0.1'] }, control: { allow: ['127.0.0.9'] } },
    async (port) => {
      assert.equal(await get(port, '/rest-api/pull/rtmp/find_all', '127.0.0.9'), 200);
      assert.equal(await get(port, '/rest-api/pull/rtmp/find_all', '127.0.0.8'), 401);
      assert.equal(await get(port, '/rest-api/pull/rtmp/find_all', '127.0.0.1'), 401);
    },
  ));

/** PROXY protocol 2, section 2.2: from `ip` to 127.0.0.1. */
const preface = (ip: string): Buffer =>
  Buffer.from([
    ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12],
    ...ip.split('.').map(Number),
    ...[127, 0, 0, 1, 0xc0, 0x00, 0x1f, 0x91],
  ]);

test('a client of a relay with the PROXY protocol cannot name an address by a preface of its own', () =>
  behind(
    proxyProtocolRelay,
    { server: { trustedProxies: ['127.0.0.1'] }, control: { allow: ['192.0.2.10'] } },
    async (port) => {
      const head = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
      const control = head('/rest-api/pull/rtmp/find_all');
      const forged = Buffer.concat([preface('192.0.2.10'), Buffer.from(control)]);
      for (const first of ['', head('/healthz'), head('/none'), control]) {
        const received = await converse(port, Buffer.concat([Buffer.from(first), forged]));
        assert.doesNotMatch(received, /"localMediaSessionId"|\r\n\r\n\[/, first);
      }
    },
  ));

test('the preface of a trusted proxy, in one piece with its request, names the client; that of anybody else names nobody', async () => {
  const head = 'GET /rest-api/pull/rtmp/find_all HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  const control = { allow: ['192.0.2.10'] };
  for (const [trustedProxies, expected] of [
    [['127.0.0.1'], /^HTTP\/1\.1 200 .*[Cc]onnection: close/s],
    [['127.0.0.9'], /^HTTP\/1\.1 401 /],
  ] as const) {
    const stage = await startStage({ settings: { server: { trustedProxies: [...trustedProxies] }, control } });
    const received = await converse(stage.server.restPort, Buffer.concat([preface('192.0.2.10'), Buffer.from(head)]));
    assert.match(received, expected);
    await stage.end();
  }
});

test('a relay on this machine is found out by the name under which its client calls', () =>
  behind(tcpRelay, {}, async (port) => {
    assert.equal(await get(port, '/api/streams', '127.0.0.1', { Host: 'play.example.org' }), 403);
    assert.equal(await get(port, '/api/streams', '127.0.0.1', { Host: '192.0.2.1:8081' }), 403);
  }));

function get(port: number, path: string, localAddress: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, localAddress, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

function postOffer(port: number, localAddress: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/whep/cam', localAddress, method: 'POST', agent: false };
    request({ ...options, headers: { 'Content-Type': 'application/sdp' } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end(offer());
  });
}

/** What comes back until the other side closes. */
function converse(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}
