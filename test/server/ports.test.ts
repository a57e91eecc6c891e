import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { freePort } from '../support/server/free-port.js';
import { writeTlsFiles } from '../support/tls-files.js';
import { startStage } from './stage.js';

test('a port that is in use is an error that names its key', async (t) => {
  const first = await startStage();
  t.after(() => first.end());
  const { restPort } = first.server;
  await assert.rejects(startStage({ settings: { server: { restPort } } }), {
    code: 'config.invalid',
    message: new RegExp(`server\\.restPort: port ${restPort} of 127\\.0\\.0\\.1 is in use`),
  });
  await assert.rejects(startStage({ settings: { server: { wsPort: restPort } } }), /server\.wsPort/);
});

test('REST and signalling may share a port', async (t) => {
  const port = await freePort();
  const stage = await startStage({ settings: { server: { restPort: port, wsPort: port } } });
  t.after(() => stage.end());
  assert.deepEqual([stage.server.restPort, stage.server.wsPort], [port, port]);
  assert.equal((await stage.ask('/healthz')).status, 200);
});

test('the ports are logged, and free again when the server is closed', async () => {
  const stage = await startStage();
  const { restPort, wsPort, restTlsPort, wsTlsPort } = stage.server;
  assert.notEqual(restPort, wsPort);
  const [line] = stage.logged;
  assert.equal(line?.event, 'server.listening');
  const none = { oldRestPort: null, oldRestTlsPort: null };
  assert.deepEqual(line?.fields, { host: '127.0.0.1', restPort, wsPort, restTlsPort, wsTlsPort, ...none });
  assert.deepEqual([restTlsPort, wsTlsPort], [null, null]);
  await stage.end();
  const again = await startStage({ settings: { server: { restPort, wsPort } } });
  await again.end();
});

test('the REST port of WCS 5.0 is opened where it is configured, serves the same, and is closed with the others', async (t) => {
  const oldRestPort = await freePort();
  const stage = await startStage({ settings: { server: { oldRestPort } } });
  t.after(() => stage.end());
  assert.deepEqual([stage.server.oldRestPort, stage.server.oldRestTlsPort], [oldRestPort, null]);
  const answer = await fetch(`http://127.0.0.1:${oldRestPort}/rest-api/pull/rtmp/find_all`);
  assert.deepEqual([answer.status, JSON.parse(await answer.text()).length], [200, 1]);
  await assert.rejects(startStage({ settings: { server: { oldRestPort } } }), /server\.oldRestPort: port/);
  await stage.server.close();
  await assert.rejects(fetch(`http://127.0.0.1:${oldRestPort}/healthz`));
});

test('close waits for a reply in flight', async () => {
  const stage = await startStage();
  let release = (): void => {};
  const asked = new Promise<void>((resolve) => {
    stage.streams.stats = () => {
      resolve();
      return new Promise((_, reject) => {
        release = () => reject(new Error('released'));
      });
    };
  });
  const [pull] = stage.streams.pulls;
  const answer = stage.ask(`/api/streams/${pull?.pullId}/stats`);
  await asked;
  const closed = stage.end();
  release();
  assert.equal((await answer).status, 500);
  await closed;
});

test('with a certificate, TLS ports serve the same, and without its key the error names the keys', async (t) => {
  const { tlsCertFile, tlsKeyFile } = writeTlsFiles(t);
  const oldRestTlsPort = await freePort();
  const server = { tlsCertFile, tlsKeyFile, hstsMaxAgeS: 600, oldRestTlsPort };
  const stage = await startStage({ settings: { server } });
  t.after(() => stage.end());
  assert.equal(stage.server.oldRestTlsPort, oldRestTlsPort);
  for (const port of [stage.server.restTlsPort, stage.server.wsTlsPort, oldRestTlsPort]) {
    assert.ok(port !== null);
    const answer = await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false, agent: false };
      request(options, ({ statusCode, headers }) => resolve([statusCode, headers['strict-transport-security']]))
        .on('error', reject)
        .end();
    });
    assert.deepEqual(answer, [200, 'max-age=600']);
  }
  assert.equal((await stage.ask('/healthz')).headers['strict-transport-security'], undefined);
  for (const [files, fault] of [
    [{ tlsCertFile, tlsKeyFile: `${tlsKeyFile}.none` }, /server\.tlsKeyFile: .*\.none cannot be read \(ENOENT\)/],
    [{ tlsCertFile: tlsKeyFile, tlsKeyFile }, /server\.tlsCertFile: .* does not hold a certificate in PEM/],
    [{ tlsCertFile, tlsKeyFile: tlsCertFile }, /server\.tlsKeyFile: .* does not hold a private key/],
    [{ tlsCertFile, tlsKeyFile: writeTlsFiles(t).tlsKeyFile }, /server\.tlsKeyFile: the key in .* is not that of /],
  ] as const)
    await assert.rejects(startStage({ settings: { server: files } }), fault);
});

test('another certificate in the files is taken for new connections, and those that are open go on', async (t) => {
  const files = writeTlsFiles(t);
  // uWebSockets.js opens a port that it was given so that it can be opened again while there are connections to it.
  const [restTlsPort, wsTlsPort] = [await freePort(), await freePort()];
  const stage = await startStage({ settings: { server: { ...files, restTlsPort, wsTlsPort } } });
  t.after(() => stage.end());
  const port = restTlsPort;
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  t.after(() => agent.destroy());
  /** The serial number of the certificate that answers. */
  const ask = (by: Agent | false): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false, agent: by };
      request(options, (response) => {
        const { socket } = response;
        response
          .resume()
          .on('end', () => resolve(socket instanceof TLSSocket ? socket.getPeerCertificate().serialNumber : ''));
      })
        .on('error', reject)
        .end();
    });
  const first = await ask(agent);
  const renewed = writeTlsFiles(t);
  copyFileSync(renewed.tlsCertFile, files.tlsCertFile);
  await stage.server.reloadCertificate();
  assert.equal(await ask(false), first, 'a certificate without its key is not taken');
  assert.equal(stage.logged.at(-1)?.event, 'server.certificateNotReloaded');
  copyFileSync(renewed.tlsKeyFile, files.tlsKeyFile);
  await stage.server.reloadCertificate();
  assert.equal(stage.logged.at(-1)?.event, 'server.certificateReloaded', JSON.stringify(stage.logged.at(-1)));
  assert.notEqual(await ask(false), first);
  assert.equal(await ask(agent), first, 'the connection that was open is as it was');
  await stage.server.reloadCertificate();
  assert.equal(stage.logged.filter(({ event }) => event === 'server.certificateReloaded').length, 1);
});
