import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAddressGuard, isPublicAddress } from '../../../../src/core/guard/address.js';

const open = { viewerAllow: [], restDeny: [], restAllow: [], viewerPorts: [] };

const publicOnes = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2001:4860:4860::8888',
  '2606:4700::1111',
  '2a00::1',
  // The address that they reach counts.
  '::ffff:8.8.8.8',
  '::ffff:808:808',
  '64:ff9b::8.8.8.8',
  '64:FF9B::808:808',
];

const innerOnes = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.0',
  '10.255.255.255',
  '100.64.0.0',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.255.255',
  '192.0.0.1',
  '192.0.0.170',
  '192.0.2.1',
  '198.51.100.7',
  '203.0.113.9',
  '192.88.99.1',
  '192.31.196.1',
  '192.52.193.1',
  '192.175.48.1',
  '198.18.0.1',
  '198.19.255.255',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::127.0.0.1',
  '::8.8.8.8',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:7f00:1',
  '::FFFF:10.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:0:127.0.0.1',
  '64:ff9b::127.0.0.1',
  '64:ff9b::a00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::8.8.8.8',
  '100::1',
  '2001::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:2::1',
  '2001:10::1',
  '2001:20::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:808:808::1',
  '2620:4f:8000::1',
  '3fff::1',
  '5f00::1',
  '4000::1',
  'fc00::1',
  'fd00::1',
  'fdff:ffff::1',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'fec0::1',
  'ff02::1',
  'ff0e::1',
  'ffff::1',
];

const noAddresses = [
  '',
  'localhost',
  'example.com',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0x7f.0.0.1',
  '8.8.8',
  '8.8.8.8.8',
  '8.8.8.8/32',
  '[::1]',
  '[2606:4700::1111]',
  '256.1.1.1',
  ' 8.8.8.8',
  '8.8.8.8 ',
  '1::2::3',
  ':',
  '8.8.8.8%eth0',
  '2001:4860::8.8.8.08',
  '2001:4860::8.8.8.864',
  '::0x8.8.8.8',
  '::ffff:0x8.8.8.8',
  '::ffff:8.8.8',
  '١.١.١.١',
];

for (const address of publicOnes) {
  test(`${address} is public: viewers' pulls may dial it`, () => {
    assert.equal(isPublicAddress(address), true);
    assert.equal(createAddressGuard(open).allows(address, 'viewer', null), true);
  });
}

for (const address of innerOnes) {
  test(`${address} is not public: REST may dial it, a viewer's pull may not`, () => {
    assert.equal(isPublicAddress(address), false);
    const guard = createAddressGuard(open);
    assert.equal(guard.allows(address, 'viewer', null), false);
    assert.equal(guard.allows(address, 'rest', null), true);
    assert.equal(guard.allows(address, 'config', null), true);
    assert.equal(guard.allows(address, 'demo', null), true);
  });
}

for (const text of noAddresses) {
  test(`"${text}" is no address and allowed to nobody`, () => {
    for (const origin of ['viewer', 'rest', 'config', 'demo'] as const) {
      assert.equal(createAddressGuard(open).allows(text, origin, null), false);
    }
  });
}

const ranges = [
  { range: '127.0.0.0/8', address: '127.9.9.9', within: true },
  { range: '127.0.0.0/8', address: '::ffff:127.9.9.9', within: true },
  { range: '::ffff:127.0.0.0/104', address: '127.9.9.9', within: true },
  { range: '10.1.2.3', address: '10.1.2.3', within: true },
  { range: '10.1.2.3', address: '10.1.2.4', within: false },
  { range: 'fd00::/8', address: 'fd12::1', within: true },
  { range: 'fd00::/8', address: '10.0.0.1', within: false },
  { range: '10.0.0.0/8', address: '64:ff9b::10.0.0.1', within: true },
  { range: '::1', address: '::1', within: true },
  { range: '0.0.0.0/0', address: '::1', within: false },
] as const;
for (const { range, address, within } of ranges) {
  test(`the range ${range} ${within ? 'holds' : 'does not hold'} ${address}, allowing viewers and denying REST`, () => {
    assert.equal(
      createAddressGuard({ viewerAllow: [range], restDeny: [], restAllow: [], viewerPorts: [] }).allows(
        address,
        'viewer',
        null,
      ),
      within,
    );
    const denying = createAddressGuard({ viewerAllow: [], restDeny: [range], restAllow: [], viewerPorts: [] });
    assert.equal(denying.allows(address, 'rest', null), !within);
    assert.equal(denying.allows(address, 'config', null), !within);
    assert.equal(denying.allows(address, 'demo', null), true);
  });
}

test('a range that cannot be read is an error of the configuration that names key and value', () => {
  for (const range of ['10/8', '127.1', '10.0.0.0/33', 'localhost', '', '::/129', '10.0.0.0/-1', '10.0.0.0/8/9']) {
    assert.throws(() => createAddressGuard({ viewerAllow: [], restDeny: [range], restAllow: [], viewerPorts: [] }), {
      code: 'config.invalid',
      detail: `pulls.restDeny: "${range}" is no address and no range such as 10.0.0.0/8`,
    });
  }
});

/** Where a redirect leads, from where, and whether it is followed. */
const redirects: readonly (readonly [from: string, to: string, isFollowed: boolean])[] = [
  ['8.8.8.8', '1.1.1.1', true],
  ['10.0.0.1', '1.1.1.1', true],
  ['8.8.8.8', '10.0.0.1', false],
  ['8.8.8.8', '127.0.0.1', false],
  ['8.8.8.8', '169.254.169.254', false],
  ['8.8.8.8', 'fd00::1', false],
  ['10.0.0.1', '192.168.7.7', true],
  ['10.0.0.1', 'fd00::1', true],
  ['10.0.0.1', '127.0.0.1', false],
  ['10.0.0.1', '169.254.169.254', false],
  ['127.0.0.1', '127.0.0.9', true],
  ['127.0.0.1', '::1', true],
  ['127.0.0.1', '10.0.0.1', false],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.2', true],
  ['169.254.0.5', '169.254.0.6', true],
  ['what is no address', '10.0.0.1', false],
];
for (const [address, to, isFollowed] of redirects) {
  test(`a redirect from ${address} to ${to} is ${isFollowed ? 'followed' : 'not followed'}`, () => {
    const from = { address, port: 1935 };
    for (const origin of ['rest', 'config'] as const)
      assert.equal(createAddressGuard(open).allows(to, origin, from), isFollowed);
    assert.ok(createAddressGuard({ ...open, restAllow: [to] }).allows(to, 'rest', from));
    assert.ok(!createAddressGuard({ ...open, restAllow: [to], restDeny: [to] }).allows(to, 'rest', from));
  });
}

test('a redirect goes to the port of the source, to 80, 443, and above 1023 to none of another service', () => {
  const guard = createAddressGuard(open);
  const from = { address: '8.8.8.8', port: 25 };
  for (const port of [25, 80, 443, 1024, 1935, 19_350, 65_535])
    assert.ok(guard.allowsPort(port, 'rest', from), `${port}`);
  for (const port of [1, 22, 53, 111, 1023, 2049, 6000, 6667])
    assert.ok(!guard.allowsPort(port, 'rest', from), `${port}`);
  assert.ok(guard.allowsPort(22, 'rest', null));
});
