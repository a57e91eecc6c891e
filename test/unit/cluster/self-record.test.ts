import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { createSelf } from '../../../src/cluster/self-record.js';
import { settingsSchema } from '../../../src/config/schema.js';

const plain = { restPort: 8081, wsPort: 8080, restTlsPort: null, wsTlsPort: null };
const room = { cpu: 1, kbps: 500, streams: 2, viewers: 3 };

const selfOf = (cluster: object, ports: Parameters<typeof createSelf>[0]['ports'] = () => plain) =>
  createSelf({ settings: settingsSchema.parse({ cluster, rtmpOut: { port: 1935 } }), ports, room: () => room })();

for (const [cluster, http, ws, rtmp] of [
  [{ advertise: 'node1' }, 'http://node1:8081', 'ws://node1:8080', 'node1:1935'],
  [{ advertise: 'fd00::1' }, 'http://[fd00::1]:8081', 'ws://[fd00::1]:8080', '[fd00::1]:1935'],
  [{ advertise: '[fd00::1]' }, 'http://[fd00::1]:8081', 'ws://[fd00::1]:8080', '[fd00::1]:1935'],
  [
    { advertise: 'node1', httpUrl: 'https://one.example.org/', wsUrl: 'wss://one.example.org:8443' },
    'https://one.example.org',
    'wss://one.example.org:8443',
    'node1:1935',
  ],
] as const) {
  test(`${JSON.stringify(cluster)} is reached at ${http}`, () => {
    assert.deepEqual(selfOf(cluster).addresses, { http, ws, rtmp });
  });
}

test('with a certificate viewers are sent to it by TLS', () => {
  const { addresses } = selfOf({ advertise: 'node1' }, () => ({ ...plain, restTlsPort: 8444, wsTlsPort: 8443 }));
  assert.deepEqual([addresses.http, addresses.ws], ['https://node1:8444', 'wss://node1:8443']);
});

test('without a word it has the name and an address of the machine, and another id with each start', () => {
  const [one, other] = [selfOf({}), selfOf({})];
  assert.equal(one.name, hostname());
  assert.match(one.addresses.rtmp, /^[\d.]+:1935$/);
  assert.notEqual(one.nodeId, other.nodeId);
  assert.deepEqual(one.room, room);
});

test('ports and room are those of the moment', () => {
  let restPort = 0;
  const settings = settingsSchema.parse({ cluster: { advertise: 'h' } });
  const self = createSelf({ settings, ports: () => ({ ...plain, restPort }), room: () => room });
  const { nodeId } = self();
  restPort = 1234;
  assert.deepEqual([self().addresses.http, self().nodeId], ['http://h:1234', nodeId]);
});
