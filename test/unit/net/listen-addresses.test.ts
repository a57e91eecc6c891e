import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenAddresses } from '../../../src/net/listen-addresses.js';

const v4 = (address: string, internal = false) => ({ address, internal, family: 'IPv4' });
const v6 = (address: string, internal = false) => ({ address, internal, family: 'IPv6' });

test('listens on every external address, IPv4 first, without loopback and link-local ones', () => {
  const addresses = listenAddresses({
    lo: [v4('127.0.0.1', true), v6('::1', true)],
    eth0: [v6('2001:db8::5'), v4('192.0.2.5'), v6('fe80::1')],
    eth1: [v4('198.51.100.5')],
  });
  assert.deepEqual(addresses, ['192.0.2.5', '198.51.100.5', '2001:db8::5']);
});

test('listens on loopback if there is no other IPv4 address', () => {
  assert.deepEqual(listenAddresses({ lo: [v4('127.0.0.1', true)] }), ['127.0.0.1']);
  assert.deepEqual(listenAddresses({ eth0: [v6('2001:db8::5')] }), ['127.0.0.1', '2001:db8::5']);
  assert.deepEqual(listenAddresses({}), ['127.0.0.1']);
});
