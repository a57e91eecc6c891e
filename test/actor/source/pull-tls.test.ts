import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import { createSecureContext, createServer } from 'node:tls';
import { createAuthority } from '../../support/certificates.js';
import { playServer, pullFrom, settings } from '../../support/source/pulling.js';

const ours = createAuthority('Our own authority');
const caPem = ours.certPem;

test('a source under an authority of our own is pulled over TLS, asked for by the name in its address', async (t) => {
  const certificate = ours.issue('localhost');
  const names: string[] = [];
  const server = await playServer(t, 0, {
    ...certificate,
    SNICallback(name, done) {
      names.push(name);
      done(null, createSecureContext(certificate));
    },
  });
  server.showsVideo();
  const { pull, events, seen } = pullFrom(t, `rtmps://localhost:${server.port}/live/cam`, {
    settings: { ...settings, caPem },
  });
  pull.start();
  await seen(/^video$/);
  assert.deepEqual(events.slice(0, 3), ['PENDING', 'session', 'CONNECTED']);
  assert.deepEqual(names, ['localhost']);
});

const unknown = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
const refused = [
  {
    what: 'of an unknown authority',
    tls: createAuthority('Somebody').issue('localhost'),
    trusts: caPem,
    code: unknown,
  },
  { what: 'of our authority without caFile', tls: ours.issue('localhost'), trusts: '', code: unknown },
  {
    what: 'for another name',
    tls: ours.issue('other.example'),
    trusts: caPem,
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  },
  {
    what: 'that has expired',
    tls: ours.issue('localhost', Date.now() - 1000),
    trusts: caPem,
    code: 'CERT_HAS_EXPIRED',
  },
];
for (const { what, tls, trusts, code } of refused) {
  test(`a certificate ${what} is refused before a byte of RTMP, and tried again later`, async (t) => {
    const received: Buffer[] = [];
    const server = createServer(tls, (socket) =>
      socket.on('error', () => {}).on('data', (bytes) => received.push(bytes)),
    );
    server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => void server.close());
    const { pull, events, seen } = pullFrom(t, `rtmps://localhost:${Object(server.address()).port}/live/cam`, {
      settings: { ...settings, caPem: trusts },
    });
    pull.start();
    await seen(/^PENDING source/);
    assert.deepEqual(events, ['PENDING', `PENDING source.untrusted ${code}`]);
    await once(server, 'connection');
    assert.equal(received.length, 0);
  });
}

test('a server that speaks no TLS breaks the protocol, and is not called untrusted', async (t) => {
  const server = createTcpServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  const { pull, seen } = pullFrom(t, `rtmps://localhost:${Object(server.address()).port}/live/cam`);
  pull.start();
  await seen(/^PENDING source\.protocol ERR_SSL/);
});
