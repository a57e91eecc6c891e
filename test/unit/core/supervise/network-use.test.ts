import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kbpsBetween, networkUse, parseInterfaceBytes } from '../../../../src/core/supervise/network-use.js';

const link = (receivedKbps: number, sentKbps: number, speedKbps: number | null = null) => ({
  receivedKbps,
  sentKbps,
  speedKbps,
});

test("the kernel's account is read by its columns, and has no loopback", () => {
  const text = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '    lo:  616953     867    0    0    0     0          0         0   616953     867    0    0    0     0       0          0',
    '  eth0: 787644703   21513    0    0    0     0          0         9  1359027   13041    0    0    0     0       0          0',
    // Old kernels write no space behind the colon.
    'eth1.100:12 1 0 0 0 0 0 0 34 1 0 0 0 0 0 0',
    '  odd: none',
  ].join('\n');
  assert.deepEqual(
    [...parseInterfaceBytes(`${text}\n`)],
    [
      ['eth0', { received: 787_644_703, sent: 1_359_027 }],
      ['eth1.100', { received: 12, sent: 34 }],
    ],
  );
  assert.equal(parseInterfaceBytes('').size, 0);
});

test('bytes over time are kbit/s, and never less than none', () => {
  assert.equal(kbpsBetween(1000, 126_000, 500), 2000);
  assert.equal(kbpsBetween(126_000, 1000, 500), 0);
  assert.equal(kbpsBetween(0, 1000, 0), 0);
});

for (const { what, links, givenKbps = 0, use } of [
  {
    what: 'of unknown links nothing limits it',
    links: [link(100, 900)],
    use: { receivedKbps: 100, sentKbps: 900, maxKbps: null },
  },
  {
    what: 'nine tenths of a known one',
    links: [link(100, 900, 1000)],
    use: { receivedKbps: 100, sentKbps: 900, maxKbps: 900 },
  },
  {
    what: 'the fullest of known ones, whatever goes over others',
    links: [link(0, 500, 10_000), link(400, 1, 1000), link(9000, 0)],
    use: { receivedKbps: 400, sentKbps: 1, maxKbps: 900 },
  },
  {
    what: 'a given limit is for all together, each way',
    links: [link(300, 500, 1000), link(700, 400)],
    givenKbps: 5000,
    use: { receivedKbps: 1000, sentKbps: 900, maxKbps: 5000 },
  },
  { what: 'a machine without links', links: [], use: { receivedKbps: 0, sentKbps: 0, maxKbps: null } },
]) {
  test(`what limits a network: ${what}`, () => assert.deepEqual(networkUse(links, givenKbps), use));
}
