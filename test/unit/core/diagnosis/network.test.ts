import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { judgeNetwork, type NetworkFacts } from '../../../../src/core/diagnosis/network.js';

const fine: NetworkFacts = {
  bound: [{ address: '10.0.0.5', failure: '' }],
  offered: ['203.0.113.9', '10.0.0.5'],
  portMin: 31_000,
  portMax: 32_000,
  maxStreams: 500,
  ephemeral: [32_768, 60_999],
  stun: [{ local: { address: '10.0.0.5', port: 31_999 }, mapped: { address: '203.0.113.9', port: 31_999 } }],
};
const judge = (given: Partial<NetworkFacts>) => judgeNetwork(Object.assign({ ...fine }, given));
const moved = { local: { address: '10.0.0.5', port: 31_999 }, mapped: { address: '203.0.113.9', port: 7 } };

const cases: readonly (readonly [string, Partial<NetworkFacts>, readonly string[]])[] = [
  ['a network that works', {}, []],
  ['no STUN server', { stun: [] }, []],
  [
    'an address of another machine',
    { bound: [{ address: '192.0.2.1', failure: 'EADDRNOTAVAIL' }] },
    ['error NETWORK_ADDRESS_UNUSABLE'],
  ],
  ['loopback alone', { offered: ['127.0.0.1', '::1'], stun: [] }, ['warning NETWORK_ONLY_LOOPBACK']],
  ['private addresses alone', { offered: ['10.0.0.5', 'fd00::1'], stun: [] }, ['info NETWORK_ONLY_PRIVATE']],
  ['any port', { portMin: 0, portMax: 0 }, ['info NETWORK_ANY_PORT']],
  ['a range that is too narrow', { portMin: 31_990 }, ['warning NETWORK_FEW_PORTS']],
  ['a range of the system', { portMax: 33_000 }, ['info NETWORK_PORTS_SHARED']],
  ['no answer of STUN', { stun: [null, null] }, ['warning NETWORK_STUN_SILENT']],
  ['one answer of two', { stun: [null, ...fine.stun] }, []],
  ['a NAT that changes ports', { stun: [moved] }, ['error NETWORK_PORT_CHANGED']],
  ['another public address than announced', { offered: ['203.0.113.1'] }, ['warning NETWORK_ANNOUNCE_WRONG']],
];
for (const [what, given, codes] of cases) {
  test(`${what}: ${codes.length === 0 ? 'nothing to say' : codes.join(', ')}`, () => {
    const problems = judge(given);
    assert.deepEqual(
      problems.map(({ severity, code }) => `${severity} ${code}`),
      codes,
    );
    for (const { evidence, advice } of problems) assert.ok(evidence.length > 3 && advice.length > 20);
  });
}

test('docs/operations.md lists every code', () => {
  const text = readFileSync('.github/docs/operations.md', 'utf8');
  const codes = new Set(cases.flatMap(([, , found]) => found.map((one) => one.split(' ')[1] ?? '')));
  assert.deepEqual(
    [...codes].filter((code) => !text.includes(`\`${code}\``)),
    [],
  );
  const written = readFileSync('src/core/diagnosis/network.ts', 'utf8').match(/NETWORK_[A-Z_]+/g) ?? [];
  assert.deepEqual([...new Set(written)].sort(), [...codes].sort());
});
