import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTurns } from '../../../../src/core/guard/turns.js';

test('what has room begins at once, and the rest in its turn', () => {
  const turns = createTurns({ max: 2, maxPerClient: 2 });
  const begun: string[] = [];
  const ends = ['a', 'b', 'c'].map((name) => turns.request('192.0.2.1', () => begun.push(name)));
  assert.deepEqual(begun, ['a', 'b']);
  ends[0]?.();
  assert.deepEqual([begun, turns.taken], [['a', 'b', 'c'], 2]);
});

test('a client that is at its limit waits although there is room for others', () => {
  const turns = createTurns({ max: 10, maxPerClient: 1 });
  const begun: string[] = [];
  const ask = (ip: string, name: string) => turns.request(ip, () => begun.push(name));
  const end = ask('2001:db8::1', 'first');
  ask('2001:db8::2', 'of the same network');
  ask('2001:db8:0:1::1', 'of another');
  assert.deepEqual(begun, ['first', 'of another']);
  end();
  assert.equal(begun.at(-1), 'of the same network');
});

test('the client with the least in hand is next, however many of another wait', () => {
  const turns = createTurns({ max: 4, maxPerClient: 4 });
  const begun: string[] = [];
  const crowd = Array.from({ length: 20 }, () => turns.request('192.0.2.1', () => begun.push('crowd')));
  turns.request('192.0.2.2', () => begun.push('first of another'));
  assert.equal(begun.at(-1), 'first of another', 'it waits for nobody');
  turns.request('192.0.2.2', () => begun.push('second of another'));
  assert.equal(begun.length, 5);
  for (const end of crowd.slice(0, 2)) end();
  assert.equal(begun.at(-1), 'second of another');
});

test('clients that have nothing in hand find room up to twice the limit, and no more', () => {
  const turns = createTurns({ max: 3, maxPerClient: 3 });
  for (let n = 0; n < 3; n += 1) turns.request('192.0.2.1', () => {});
  for (let n = 2; n < 20; n += 1) turns.request(`192.0.2.${n}`, () => {});
  assert.equal(turns.taken, 6);
});

test('who gives up in the queue takes no turn, and giving back twice frees one place', () => {
  const turns = createTurns({ max: 1, maxPerClient: 1 });
  const begun: string[] = [];
  const first = turns.request('a', () => begun.push('first'));
  const second = turns.request('a', () => begun.push('second'));
  turns.request('a', () => begun.push('third'));
  second();
  first();
  first();
  assert.deepEqual([begun, turns.taken], [['first', 'third'], 1]);
});

test('in any order no limit is passed, and in the end every turn has come', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 5 })), { maxLength: 100 });
  fc.assert(
    fc.property(steps, (sequence) => {
      const turns = createTurns({ max: 3, maxPerClient: 2 });
      const open: { readonly ip: string; readonly end: () => void }[] = [];
      let begun = 0;
      let asked = 0;
      const endOne = (n: number): void => open.splice(n % open.length, 1)[0]?.end();
      for (const [ip, endsBefore] of sequence) {
        if (endsBefore > 2 && open.length > 0) endOne(endsBefore);
        asked += 1;
        let end = (): void => {};
        end = turns.request(ip, () => {
          begun += 1;
          open.push({ ip, end: () => end() });
        });
        assert.ok(turns.taken <= 6);
        for (const one of ['a', 'b', 'c']) assert.ok(open.filter((turn) => turn.ip === one).length <= 2);
      }
      while (open.length > 0) endOne(0);
      assert.deepEqual([begun, turns.taken], [asked, 0]);
    }),
  );
});
