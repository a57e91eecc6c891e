import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overBacklog } from '../../../../src/core/guard/backlog.js';

const rules = { maxBytes: 100, maxPerClientBytes: 40 };
const of = (clientIp: string, ...bytes: readonly number[]) => bytes.map((owed) => ({ clientIp, bytes: owed }));
const cut = (...players: ReturnType<typeof of>): readonly string[] =>
  overBacklog(players, rules).map(({ clientIp, bytes }) => `${clientIp} ${bytes}`);

test('nobody is cut off within the limits', () => {
  assert.deepEqual(cut(), []);
  assert.deepEqual(cut(...of('10.0.0.1', 0, 40), ...of('10.0.0.2', 20, 20), ...of('10.0.0.3', 20)), []);
});

test('of a client that owes too much those that owe most are cut off, and of no other client', () => {
  assert.deepEqual(cut(...of('10.0.0.1', 30, 5, 20), ...of('10.0.0.2', 40)), ['10.0.0.1 30']);
  assert.deepEqual(cut(...of('2001:db8::1', 30), ...of('2001:db8::2', 31)), ['2001:db8::2 31'], 'one network');
});

test('where all together owe too much it is the client that owes most', () => {
  const players = [...of('10.0.0.1', 39), ...of('10.0.0.2', 10, 15), ...of('10.0.0.3', 20, 18)];
  assert.deepEqual(cut(...players), ['10.0.0.1 39']);
});
