/** STUN by real datagrams on loopback, and the test of the network at the start. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { writeBindingSuccess } from '../../src/core/ice/stun-message.js';
import { testNetwork } from '../../src/net/network-test.js';
import { askPublicAddress } from '../../src/net/public-address.js';

/** Says that everybody is 203.0.113.9, at the port that it sees; does not answer the first requests. */
async function stunServer(t: TestContext, lost = 0): Promise<{ server: string; asked: () => number }> {
  const socket: Socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => socket.close());
  await once(socket, 'listening');
  let asked = 0;
  socket.on('message', (message, { address, port }) => {
    asked += 1;
    if (asked <= lost) return;
    const answer = writeBindingSuccess(message.subarray(8, 20), Uint8Array.of(203, 0, 113, 9), port, 'none');
    socket.send(answer, port, address);
  });
  return { server: `127.0.0.1:${socket.address().port}`, asked: () => asked };
}

const local = { listen: ['127.0.0.1'], interfaces: [], announce: [], portMin: 0, portMax: 0, maxStreams: 1 };

test('the first answer counts, and what got lost is asked again', async (t) => {
  const { server, asked } = await stunServer(t, 1);
  const found = await askPublicAddress({ server, address: '127.0.0.1', port: 0, triesMs: [0, 20, 2000] });
  assert.deepEqual([found?.mapped.address, asked()], ['203.0.113.9', 2]);
  assert.equal(found?.mapped.port, found?.local.port);
});

test('nobody answers: nothing is learned, in the time that was given', async (t) => {
  const { server } = await stunServer(t, 100);
  assert.equal(await askPublicAddress({ server, address: '127.0.0.1', port: 0, triesMs: [0, 20, 40] }), null);
  assert.equal(await askPublicAddress({ server, address: '192.0.2.77', port: 0, triesMs: [0, 5000] }), null);
});

test('viewers are given the address that was learned, beside those of the machine', async (t) => {
  const { server } = await stunServer(t);
  const { announce, offered, problems } = await testNetwork(Object.assign({ stunServer: server }, local));
  assert.deepEqual(announce, ['203.0.113.9', '127.0.0.1']);
  assert.deepEqual(offered, announce);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['NETWORK_ANY_PORT'],
  );
});

test('what is announced stays, and an address of another machine is told', async (t) => {
  const { server } = await stunServer(t);
  const options = { stunServer: server, ...local, listen: ['127.0.0.1', '192.0.2.77'], announce: ['203.0.113.1'] };
  const { announce, problems } = await testNetwork(options);
  assert.deepEqual(announce, ['203.0.113.1']);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['NETWORK_ADDRESS_UNUSABLE', 'NETWORK_ANY_PORT', 'NETWORK_ANNOUNCE_WRONG'],
  );
});
