import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { test } from 'node:test';
import { candidatesOf, listenAddresses } from '../../../../actors/viewers/addresses.js';

const v4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  ...{ address, internal, family: 'IPv4', netmask: '255.255.255.0', mac: '00:00:00:00:00:00', cidr: null },
});
const v6 = (address: string, internal = false): NetworkInterfaceInfo => ({
  ...{ address, internal, family: 'IPv6', netmask: 'ffff::', mac: '00:00:00:00:00:00', cidr: null, scopeid: 0 },
});

test('listens on every outer address, IPv4 first, without loopback and link-local ones', () => {
  const addresses = listenAddresses({
    lo: [v4('127.0.0.1', true), v6('::1', true)],
    eth0: [v6('2001:db8::5'), v4('192.0.2.5'), v6('fe80::1')],
    eth1: [v4('198.51.100.5')],
  });
  assert.deepEqual(addresses, ['192.0.2.5', '198.51.100.5', '2001:db8::5']);
});

test('listens on loopback where there is no other IPv4 address', () => {
  assert.deepEqual(listenAddresses({ lo: [v4('127.0.0.1', true)] }), ['127.0.0.1']);
  assert.deepEqual(listenAddresses({ eth0: [v6('2001:db8::5')] }), ['127.0.0.1', '2001:db8::5']);
  assert.deepEqual(listenAddresses({}), ['127.0.0.1']);
});

test('candidates have distinct priorities within 31 bits, UDP before TCP, each list in its order', () => {
  const candidates = candidatesOf(['192.0.2.5', '198.51.100.5'], 31_000, ['udp', 'tcp']);
  assert.deepEqual(
    candidates.map(({ protocol, address }) => `${protocol} ${address}`),
    ['udp 192.0.2.5', 'udp 198.51.100.5', 'tcp 192.0.2.5', 'tcp 198.51.100.5'],
  );
  const priorities = candidates.map(({ priority }) => priority);
  assert.deepEqual(
    priorities,
    [...new Set(priorities)].sort((a, b) => b - a),
  );
  assert.ok(priorities.every((priority) => priority > 0 && priority < 2 ** 31));
  assert.equal(priorities[0], 2_130_706_431, 'as RFC 8445 5.1.2.1 computes it for one host address');
});
