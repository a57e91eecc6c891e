/** All streams on one port (webrtc.singlePort): each endpoint gets what is for its viewers, and nothing else. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { after, type TestContext, test } from 'node:test';
import { settingsSchema } from '../../../src/config/schema.js';
import { SluiceError } from '../../../src/errors.js';
import { nativeThreads } from '../../../src/threads/native/native-threads.js';
import { countSinglePort, openSinglePort } from '../../../src/threads/single-port.js';
import {
  admit,
  afterwards,
  hex,
  join,
  openStage,
  receiverReport,
  srtcpOf,
  viewerCertificate,
} from '../../support/fanout/endpoint-stage.js';
import { until } from '../../support/until.js';
import { bindingRequest, iceCredentials, openMediaClient } from '../../support/viewer/media-client.js';

const native = nativeThreads() ?? assert.fail('the add-on was not built');

/** Endpoints at one port, until the test is over. */
function sharePort(t: TestContext, ...listen: readonly string[]) {
  const singlePort = native.startDemultiplexer(listen, 0);
  t.after(() => native.stopDemultiplexer());
  const open = (inherited?: Parameters<typeof openStage>[1]) =>
    openStage({ fanout: 'native', listen, singlePort }, inherited);
  return { singlePort, open };
}

for (const tcp of [false, true]) {
  test(`two streams have their viewers at one port by ${tcp ? 'TCP' : 'UDP'}, and each hears its own`, async (t) => {
    const { singlePort, open } = sharePort(t, '127.0.0.1', '::1');
    const [one, two] = [await open(), await open()];
    const guests = [
      { stage: one, guest: await join(one, 'a', { tcp }), media: '806001' },
      { stage: one, guest: await join(one, 'b', { tcp, address: '::1' }), media: '806002' },
      { stage: two, guest: await join(two, 'c', { tcp }), media: '806003' },
      { stage: two, guest: await join(two, 'd', { tcp, address: '::1' }), media: '806004' },
    ];
    afterwards(...guests.map(({ guest }) => guest));
    assert.deepEqual([one.port, two.port], [singlePort, singlePort]);
    for (const { stage, guest, media } of guests) {
      const before = [one.rtcp.length, two.rtcp.length];
      guest.client.send(srtcpOf(guest)(receiverReport));
      await stage.when(() => stage.rtcp.length > (before[stage === one ? 0 : 1] ?? 0));
      assert.equal(one.rtcp.length + two.rtcp.length, (before[0] ?? 0) + (before[1] ?? 0) + 1);
      assert.equal(guest.transport.send(Buffer.from(media, 'hex')), true);
      await guest.client.check(guest.credentials);
      assert.deepEqual(guest.client.media.map(hex), [media]);
    }
    await Promise.all([one.endpoint.close(), two.endpoint.close()]);
  });
}

test('what is for nobody is dropped without an answer, and counted', async (t) => {
  const { singlePort, open } = sharePort(t, '127.0.0.1');
  const stage = await open();
  const guest = await join(stage, 'a');
  afterwards(guest);
  const stranger = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => stranger.close());
  await once(stranger, 'listening');
  let answers = 0;
  stranger.on('message', () => {
    answers += 1;
  });
  const before = countSinglePort();
  const hostile = [
    bindingRequest(iceCredentials(), { username: '////abcd:efgh' }),
    bindingRequest(iceCredentials(), { username: 'a b:c' }),
    bindingRequest(iceCredentials()).subarray(0, 27),
    Buffer.from([22, 0xfe, 0xfd]),
    srtcpOf(guest)(receiverReport),
    Buffer.from([0x80, 200, 0, 0]),
    Buffer.from([0]),
  ];
  for (const datagram of hostile) stranger.send(datagram, singlePort, '127.0.0.1');
  await until(
    'all of them are counted',
    () => countSinglePort().unknown >= before.unknown + hostile.length || undefined,
  );
  // A check with the name of the inbox, and of no viewer in it, is read there.
  const named = bindingRequest(guest.credentials, { username: `${stage.endpoint.ufragPrefix}abcd:efgh` });
  stranger.send(named, singlePort, '127.0.0.1');
  await guest.client.check(guest.credentials);
  assert.equal(countSinglePort().unknown, before.unknown + hostile.length);
  assert.deepEqual([answers, stage.rtcp.length], [0, 0]);
  await stage.endpoint.close();
});

test('a connection that begins with nothing that is known is cut off', async (t) => {
  const { singlePort, open } = sharePort(t, '127.0.0.1');
  const stage = await open();
  const framed = (bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  for (const bytes of [
    framed(bindingRequest(iceCredentials(), { username: '////abcd:efgh' })),
    framed(bindingRequest(iceCredentials(), { username: `${stage.endpoint.ufragPrefix}abcd:efgh` })),
    Buffer.from([0, 0]),
    Buffer.from([0xff, 0xff, 0, 1]),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  ]) {
    const socket = connect(singlePort, '127.0.0.1');
    let answered = 0;
    socket.on('data', ({ length }) => {
      answered += length;
    });
    socket.on('error', () => {});
    await once(socket, 'connect');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(bytes);
    await closed;
    assert.equal(answered, 0);
  }
  // In pieces it is put together.
  const { client, credentials } = await admit(stage, 'a');
  client.close();
  const request = framed(bindingRequest(credentials));
  const socket = connect(singlePort, '127.0.0.1');
  await once(socket, 'connect');
  socket.setNoDelay(true);
  for (const [from, to] of [
    [0, 1],
    [1, 40],
    [40, undefined],
  ] as const) {
    await new Promise((resolve) => socket.write(request.subarray(from, to), resolve));
  }
  const [answer]: readonly Buffer[] = await once(socket, 'data');
  assert.equal(answer?.readUInt16BE(2), 0x0101);
  socket.destroy();
  await stage.endpoint.close();
});

test('a crowd of connections of one client cuts off its own, and not one of another client', async (t) => {
  const { singlePort, open } = sharePort(t, '127.0.0.1');
  const stage = await open();
  const connectFrom = async (localAddress: string): Promise<Socket> => {
    const socket = connect({ port: singlePort, host: '127.0.0.1', localAddress }).resume();
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  const other = await connectFrom('127.0.0.2');
  const crowd: Socket[] = [];
  for (let n = 0; n < 140; n += 1) crowd.push(await connectFrom('127.0.0.3'));
  await until('thirteen are cut off', () => crowd.filter(({ closed }) => closed).length >= 13);
  assert.deepEqual([other.closed, crowd.at(-1)?.closed], [false, false]);
  await stage.endpoint.close();
});

test("a check from the address of another stream's viewer does not take it away, until that one has left", async (t) => {
  const { open } = sharePort(t, '127.0.0.1');
  const [one, two] = [await open(), await open()];
  const victim = await join(one, 'victim');
  const thief = await join(two, 'thief');
  afterwards(victim, thief);
  const answered = victim.client.receivedBytes;
  victim.client.send(bindingRequest(thief.credentials));
  // It is behind the forged one in the same inbox.
  await thief.client.check(thief.credentials);
  victim.client.send(srtcpOf(victim)(receiverReport));
  await one.when(() => one.rtcp.length > 0);
  assert.equal(victim.client.receivedBytes, answered);
  assert.equal(victim.transport.route()?.port, victim.client.port);
  assert.equal(thief.transport.route()?.port, thief.client.port);
  victim.transport.close();
  await victim.client.check(thief.credentials);
  await Promise.all([one.endpoint.close(), two.endpoint.close()]);
});

test('what comes between two threads waits for the next one', async (t) => {
  const { singlePort, open } = sharePort(t, '127.0.0.1');
  const first = await open();
  const { client, credentials } = await admit(first, 'a');
  afterwards({ client });
  await first.endpoint.abandon();
  const before = countSinglePort();
  const answer = client.check(credentials);
  await until('it is read', () => countSinglePort().received > before.received || undefined);
  assert.deepEqual(countSinglePort().unknown, before.unknown);
  const next = await open(first.held ?? null);
  assert.equal(next.endpoint.ufragPrefix, first.endpoint.ufragPrefix);
  next.endpoint.admit(next.admission('a', credentials, { algorithm: 'sha-256', value: viewerCertificate.fingerprint }));
  await answer;
  assert.equal(next.port, singlePort);
  await next.endpoint.close();
  // Its name is nobody's now.
  const { unknown } = countSinglePort();
  client.send(bindingRequest(credentials));
  await until('it is dropped', () => countSinglePort().unknown > unknown || undefined);
});

test('a thread that does not read loses what is its own, and nobody else does', async (t) => {
  const { singlePort, open } = sharePort(t, '127.0.0.1');
  const stage = await open();
  const guest = await join(stage, 'a');
  afterwards(guest);
  const deaf = native.openInbox();
  after(() => native.closeInbox(deaf));
  const name = Buffer.from([deaf >> 16, (deaf >> 8) & 0xff, deaf & 0xff]).toString('base64');
  const client = await openMediaClient({ port: singlePort, certificate: viewerCertificate });
  afterwards({ client });
  const { lost } = countSinglePort();
  const request = bindingRequest(iceCredentials(), { username: `${name}abcd:efgh` });
  await until('its inbox is full', async () => {
    for (let n = 0; n < 250; n += 1) client.send(request);
    await guest.client.check(guest.credentials);
    return countSinglePort().lost > lost || undefined;
  });
  guest.client.send(srtcpOf(guest)(receiverReport));
  await stage.when(() => stage.rtcp.length > 0);
  await stage.endpoint.close();
});

test('a port that is taken is refused at the start, by TCP or by UDP', async (t) => {
  const refused = (singlePort: number, code: RegExp): void => {
    const { webrtc } = settingsSchema.parse({ webrtc: { listen: ['127.0.0.1'], singlePort } });
    assert.throws(
      () => openSinglePort({ webrtc }, () => {}),
      (error) => {
        assert.ok(error instanceof SluiceError);
        assert.equal(error.code, 'config.invalid');
        assert.match(error.message, code);
        return true;
      },
    );
  };
  const udp = createSocket({ type: 'udp4', reuseAddr: true }).bind(0, '127.0.0.1');
  t.after(() => udp.close());
  await once(udp, 'listening');
  refused(udp.address().port, new RegExp(`webrtc.singlePort: ${udp.address().port} .* 127.0.0.1 \\(EADDRINUSE\\)`));
  const tcp = createServer().listen(udp.address().port, '127.0.0.1');
  t.after(() => tcp.close());
  await once(tcp, 'listening');
  refused(udp.address().port, /EADDRINUSE/);
});

test('no descriptor is left over, and the port is free again', async () => {
  const count = (): number => readdirSync('/proc/self/fd').length;
  const before = count();
  const singlePort = native.startDemultiplexer(['127.0.0.1', '::1'], 0);
  assert.throws(() => native.startDemultiplexer(['127.0.0.1'], 0), { code: 'EINVAL' });
  const stage = await openStage({ fanout: 'native', listen: ['127.0.0.1', '::1'], singlePort });
  for (const tcp of [false, true]) {
    const { client, transport } = await join(stage, `by TCP: ${tcp}`, { tcp });
    transport.close();
    client.close();
  }
  const other = createSocket('udp4');
  other.bind(singlePort, '127.0.0.1');
  const [error]: readonly (Error & { readonly code?: string })[] = await once(other, 'error');
  assert.equal(error?.code, 'EADDRINUSE');
  other.close();
  await stage.endpoint.close();
  native.stopDemultiplexer();
  const next = createSocket('udp4').bind(singlePort, '127.0.0.1');
  await once(next, 'listening');
  next.close();
  await until('all are closed', () => count() === before || undefined);
});
