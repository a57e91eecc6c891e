import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCandidatePairs } from '../../../../src/core/ice/candidate-pairs.js';

test('has no target before the first valid check', () => {
  assert.equal(createCandidatePairs().target(0), null);
});

test('of two nominated addresses the one of the higher priority is the target, whichever was checked last', () => {
  const ice = createCandidatePairs();
  ice.check('wifi', 'host', 100, true, 0);
  ice.check('cable', 'host', 200, true, 10);
  ice.check('wifi', 'host', 100, true, 20);
  assert.equal(ice.target(30), 'cable');
});

test('a nominated address goes before one that is not, whatever their priorities', () => {
  const ice = createCandidatePairs();
  ice.check('high', 'host', 300, false, 0);
  ice.check('low', 'host', 100, true, 0);
  assert.equal(ice.target(1), 'low');
});

test('follows the source of DTLS and RTCP among validated addresses, and nothing else', () => {
  const ice = createCandidatePairs();
  ice.check('cable', 'host', 200, true, 0);
  ice.check('wifi', 'host', 100, false, 0);
  ice.heard('stranger', 5);
  assert.equal(ice.target(6), 'cable');
  ice.heard('wifi', 10);
  assert.equal(ice.target(11), 'wifi');
});

test('leaves an address that went silent for one that checks, though it is not nominated again (NAT rebinding in Firefox)', () => {
  const ice = createCandidatePairs();
  ice.check('old', 'host', 200, true, 0);
  ice.heard('old', 1000);
  ice.check('new', 'host', 200, false, 5000);
  assert.equal(ice.target(5001), 'old');
  assert.equal(ice.target(8000), 'new');
});

test('stays with the last target when all are silent', () => {
  const ice = createCandidatePairs();
  ice.check('a', 'host', 200, true, 0);
  ice.check('b', 'host', 300, true, 0);
  ice.heard('a', 10);
  assert.equal(ice.target(20_000), 'a');
});

test('keeps sixteen addresses: the one not checked for longest goes, never the one in use', () => {
  const ice = createCandidatePairs();
  ice.check('in use', 'host', 1, true, 0);
  ice.heard('in use', 0);
  for (let n = 1; n <= 15; n += 1) assert.equal(ice.check(`address ${n}`, 'host', 1, false, n), null);
  assert.equal(ice.check('one more', 'host', 1, false, 100), 'address 1');
  assert.equal(ice.target(100), 'in use');
  assert.equal(ice.expire(0, 1000).length, 16);
});

test('an address without a valid check for too long is expired, and is the target no more', () => {
  const ice = createCandidatePairs();
  ice.check('a', 'host', 1, true, 0);
  ice.heard('a', 29_000);
  ice.check('b', 'host', 1, false, 20_000);
  assert.deepEqual(ice.expire(30_000, 30_000), ['a']);
  assert.equal(ice.target(30_000), 'b');
  assert.equal(ice.lastCheckMs, 20_000);
});

test('a forgotten address is the target no more', () => {
  const ice = createCandidatePairs();
  ice.check('a', 'host', 1, true, 0);
  ice.heard('a', 0);
  ice.forget('a');
  assert.equal(ice.target(1), null);
});

test('once connected, media goes to another host when something authentic came from there, and not for a check', () => {
  const ice = createCandidatePairs();
  ice.check('home', '192.0.2.1', 100, true, 0);
  ice.heard('home', 0);
  ice.connected();
  ice.check('victim', '198.51.100.7', 300, true, 9000);
  assert.equal(ice.target(9001), 'home', 'though it was silent, and the other one is nominated and higher');
  ice.check('same host', '192.0.2.1', 50, true, 9100);
  assert.equal(ice.target(9101), 'same host', 'NAT rebinding at one address needs no more');
  ice.heard('victim', 10_000);
  assert.equal(ice.target(10_001), 'victim');
});

test('without a proven host nothing is sent', () => {
  const ice = createCandidatePairs();
  ice.check('home', '192.0.2.1', 100, true, 0);
  ice.heard('home', 0);
  ice.connected();
  ice.forget('home');
  ice.check('victim', '198.51.100.7', 300, true, 10);
  assert.equal(ice.target(20), null);
});
