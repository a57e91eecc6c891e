import assert from 'node:assert/strict';
import { after } from 'node:test';
import {
  admit,
  fingerprint,
  join,
  receiverReport,
  serverCertificate,
  srtcpOf,
  viewerCertificate,
  withEachReceiver,
} from '../../support/fanout/endpoint-stage.js';
import { bindingRequest, iceCredentials, openMediaClient } from '../../support/viewer/media-client.js';

/** A plaintext record; `epoch` and body as an attacker likes them. */
function record(type: number, body: readonly number[], epoch = 0): Buffer {
  const header = Buffer.from([type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 99, 0, body.length]);
  return Buffer.concat([header, Buffer.from(body)]);
}

withEachReceiver('refuses a viewer whose certificate is not the one of its offer', async (open) => {
  const stage = await open();
  const wrong = { algorithm: 'sha-256', value: serverCertificate.fingerprint };
  const { client, credentials } = await admit(stage, 'a', { fingerprint: wrong });
  after(() => client.close());
  await client.check(credentials);
  client.dtls.connect().catch(() => {});
  await stage.when(() => stage.ended.has('a'));
  assert.equal(stage.ended.get('a'), 'viewer.fingerprint');
  assert.equal(stage.keys.size, 0);
  await stage.endpoint.close();
});

withEachReceiver('refuses a viewer that shows a certificate whose key it does not have', async (open) => {
  const stage = await open();
  const credentials = iceCredentials();
  stage.endpoint.admit(stage.admission('a', credentials, fingerprint));
  const thief = { ...viewerCertificate, keyPem: serverCertificate.keyPem };
  const client = await openMediaClient({ port: stage.port, certificate: thief });
  after(() => client.close());
  await client.check(credentials);
  client.dtls.connect().catch(() => {});
  await stage.when(() => stage.ended.has('a'));
  assert.equal(stage.ended.get('a'), 'viewer.dtls');
  await stage.endpoint.close();
});

withEachReceiver('answers nothing to what does not know the password', async (open) => {
  const stage = await open();
  const { client, credentials } = await admit(stage, 'a');
  after(() => client.close());
  const withoutFingerprint = bindingRequest(credentials).subarray(0, -8);
  withoutFingerprint.writeUInt16BE(withoutFingerprint.length - 20, 2);
  const hello = record(22, [1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, ...Array<number>(42).fill(0)]);
  const hostile = [
    bindingRequest(credentials, { password: 'wrong' }),
    bindingRequest(credentials, { username: 'x:y' }),
    bindingRequest(credentials, { username: `${credentials.localUfrag}:other` }),
    bindingRequest(credentials, { username: credentials.localUfrag }),
    withoutFingerprint,
    record(21, [1, 0]),
    hello,
    Buffer.from([0x80, 200, 0, 0]),
    Buffer.alloc(0),
    Buffer.alloc(1),
  ];
  for (let round = 0; round < 100; round += 1) for (const datagram of hostile) client.send(datagram);
  // The answer to this check is the first thing that comes, and it comes after all of the above was read.
  await client.check(credentials);
  assert.equal(client.receivedBytes, 64, 'one success response, and nothing else');
  await stage.endpoint.close();
});

withEachReceiver(
  'a forged alert, ClientHello, ChangeCipherSpec or datum from the address of the viewer changes nothing',
  async (open) => {
    const stage = await open();
    const { client, transport, credentials } = await join(stage, 'a');
    after(() => client.close());
    const before = client.receivedBytes;
    const hello = record(22, [1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, ...Array<number>(42).fill(0)]);
    const forged = [
      record(21, [1, 0]),
      record(21, [2, 40]),
      record(21, [1, 0], 1),
      hello,
      record(20, [1]),
      record(23, [1, 2, 3]),
    ];
    for (let round = 0; round < 50; round += 1) for (const datagram of forged) client.send(datagram);
    client.send(record(22, [...Array<number>(48).fill(7)], 1));
    client.send(record(99, [1]));
    await client.check(credentials);
    assert.equal(client.receivedBytes - before, 64, 'only the check was answered');
    assert.equal(transport.send(Buffer.from([0x80, 96])), true);
    assert.deepEqual([stage.connects, stage.ended.size], [['a'], 0]);
    await stage.endpoint.close();
  },
);

withEachReceiver(
  'a flood of DTLS within a session, true and made up, is answered by nothing, and the session goes on',
  async (open, t) => {
    const stage = await open();
    const { client, transport, credentials } = await join(stage, 'a');
    const other = await join(stage, 'b');
    after(() => {
      client.close();
      other.client.close();
    });
    const before = client.receivedBytes;
    const madeUp = [
      record(21, Array(26).fill(7), 1),
      record(22, Array(48).fill(7), 1),
      record(23, Array(200).fill(7), 1),
    ];
    const rounds = 3000;
    const { user } = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) {
      await client.dtls.send(Buffer.alloc(100, round));
      for (const datagram of madeUp) client.send(datagram);
      // Datagrams that the socket has no room for would prove nothing.
      if (round % 20 === 0) await other.client.check(other.credentials);
    }
    await client.check(credentials);
    const each = (process.cpuUsage().user - user) / (rounds * (madeUp.length + 1));
    t.diagnostic(`${each.toFixed(1)} µs of CPU a datagram, the sender's own included`);
    assert.equal(client.receivedBytes - before, 64, 'only the check was answered');
    assert.equal(transport.send(Buffer.from([0x80, 96])), true);
    assert.deepEqual([[...stage.connects].sort(), stage.ended.size], [['a', 'b'], 0]);
    await stage.endpoint.close();
  },
);

withEachReceiver(
  'a viewer that knows how to check from the address of another does not take it away, unless that one is silent',
  async (open) => {
    const stage = await open();
    const victim = await join(stage, 'victim');
    const thief = await join(stage, 'thief');
    after(() => {
      victim.client.close();
      thief.client.close();
    });
    const { client } = victim;
    // As if the thief had forged the victim's address: its own name and password, from there.
    client.send(bindingRequest(thief.credentials));
    client.send(srtcpOf(victim)(receiverReport));
    await stage.when(() => stage.rtcp.length > 0);
    assert.equal(victim.transport.route()?.port, client.port);
    assert.notEqual(thief.transport.route()?.port, client.port);
    stage.advance(7000);
    await client.check(thief.credentials);
    assert.equal(victim.transport.route(), null);
    await stage.endpoint.close();
  },
);
