import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrival, createAdmission } from '../../../../src/core/guard/admission.js';

const rules = { maxConnections: 100, maxPerClient: 3, reservedDescriptors: 20 };
const from = (ip: string, more: Partial<Arrival> = {}): Arrival => ({
  ip,
  isTrusted: false,
  freeDescriptors: 1000,
  ...more,
});
const nobody = (): ReadonlyMap<string, number> => new Map();
const neverCounted = (): never => assert.fail('the kernel was asked');

test('below the limit of a client nobody is counted', () => {
  const admission = createAdmission(rules);
  const admitted = ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2'].map((ip) =>
    admission.arrived(from(ip), 0, neverCounted),
  );
  assert.deepEqual(admitted, ['kept', 'kept', 'kept', 'kept']);
  assert.equal(admission.open, 4);
});

test('at the limit of a client the kernel is asked how many it really has', () => {
  const admission = createAdmission(rules);
  for (let n = 0; n < 3; n += 1) admission.arrived(from('192.0.2.1'), 0, neverCounted);
  for (let n = 0; n < 2; n += 1) admission.gone();
  assert.equal(
    admission.arrived(from('192.0.2.1'), 0, () => new Map([['192.0.2.1', 2]])),
    'kept',
  );
  assert.equal(admission.arrived(from('192.0.2.1'), 500, neverCounted), 'kept');
  assert.equal(admission.arrived(from('192.0.2.1'), 500, neverCounted), 'tooManyOfClient', 'not asked twice a second');
  const counted = new Map([['192.0.2.1', 4]]);
  assert.equal(
    admission.arrived(from('192.0.2.1'), 1000, () => counted),
    'tooManyOfClient',
  );
});

test('the addresses of one IPv6 network are one client', () => {
  const admission = createAdmission(rules);
  const count = (): ReadonlyMap<string, number> => new Map([['2001:db8:0:0::/64', 4]]);
  const admitted = ['::1', '::2', '::3', '::4'].map((end) => admission.arrived(from(`2001:db8${end}`), 0, count));
  assert.deepEqual(admitted, ['kept', 'kept', 'kept', 'tooManyOfClient']);
});

test('strangers leave the reserve alone, and nobody takes the last descriptors', () => {
  const admission = createAdmission(rules);
  const judge = (freeDescriptors: number | null, isTrusted: boolean) =>
    admission.arrived(from('192.0.2.1', { freeDescriptors, isTrusted }), 0, nobody);
  assert.deepEqual([judge(19, false), judge(19, true), judge(7, true)], ['noDescriptors', 'kept', 'noDescriptors']);
  assert.equal(judge(null, false), 'kept', 'where the system does not say');
});

test('those who may control count toward no limit of strangers', () => {
  const admission = createAdmission({ ...rules, maxConnections: 2 });
  const trusted = from('192.0.2.9', { isTrusted: true });
  const admitted = Array.from({ length: 5 }, () => admission.arrived(trusted, 0, neverCounted));
  assert.deepEqual(new Set(admitted), new Set(['kept']));
});

test('strangers have a limit in all', () => {
  const admission = createAdmission({ ...rules, maxConnections: 2 });
  const admitted = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) => admission.arrived(from(ip), 0, nobody));
  assert.deepEqual(admitted, ['kept', 'kept', 'tooMany']);
  admission.gone();
  assert.equal(admission.arrived(from('192.0.2.3'), 0, nobody), 'kept');
});

test('very many clients, each once, are forgotten by a count', () => {
  const admission = createAdmission({ ...rules, maxConnections: 10 });
  let counts = 0;
  const count = (): ReadonlyMap<string, number> => {
    counts += 1;
    return new Map();
  };
  admission.arrived(from('198.51.100.1'), 0, count);
  for (let n = 0; n < 200; n += 1) {
    admission.arrived(from(`192.0.2.${n}`), n * 1000, count);
    admission.gone();
  }
  assert.ok(counts >= 8 && counts < 20, `${counts} counts`);
});
