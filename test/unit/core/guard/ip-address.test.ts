import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientKey, isWithin, parseAddress, parseRange } from '../../../../src/core/guard/ip-address.js';

const keys: readonly (readonly [string, string])[] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002:ffff:0000:0000:0001', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::6', '2001:db8:1:3::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
];
for (const [ip, key] of keys) {
  test(`a client at "${ip}" is counted as "${key}"`, () => assert.equal(clientKey(ip), key));
}

test('a range holds its addresses, those mapped into IPv6 too, and no others', () => {
  const range = parseRange('10.0.0.0/8');
  assert.ok(range !== null);
  const inside = ['10.1.2.3', '::ffff:10.1.2.3', '11.0.0.1', '2001:db8::1'].map((text) => {
    const address = parseAddress(text);
    return address !== null && isWithin(address, [range]);
  });
  assert.deepEqual(inside, [true, true, false, false]);
});

test('what is no range is none', () => {
  for (const text of ['', '10.1', '10.0.0.0/33', '10.0.0.0/', 'host', '10.0.0.0/8/8', '::/129', '0x0a.0.0.1']) {
    assert.equal(parseRange(text), null, text);
  }
});
