import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPasses, type Pass } from '../../../../src/core/guard/passes.js';
import type { PlaybackClaims } from '../../../../src/core/guard/playback-claims.js';

const token: PlaybackClaims = {
  id: 'one',
  subject: null,
  streams: ['cam'],
  expiresS: 1000,
  maxViewers: null,
  isOnce: false,
  hasRecordings: false,
};
const taken = (pass: Pass | string): Pass => (typeof pass === 'string' ? assert.fail(pass) : pass);

test('a token lets in as many at the same time as it says, and another when one has left', () => {
  const passes = createPasses();
  const two = { ...token, maxViewers: 2 };
  const first = taken(passes.take(two, 0));
  taken(passes.take(two, 0));
  assert.equal(passes.take(two, 0), 'full');
  assert.deepEqual(passes.inUse(), [{ claims: two, viewers: 2 }]);
  first.release();
  first.release();
  taken(passes.take(two, 0));
  assert.equal(passes.take(two, 0), 'full');
});

test('a token for one time is used up, also when its viewer has left', () => {
  const passes = createPasses();
  const once = { ...token, isOnce: true };
  taken(passes.take(once, 0)).release();
  assert.equal(passes.take(once, 0), 'used');
  assert.equal(passes.refusal(once, 0), 'used');
  assert.deepEqual(passes.inUse(), []);
});

test('revoking a token ends all who play by it, and no others, and lets nobody in until it has expired', () => {
  const passes = createPasses();
  const ended: string[] = [];
  for (const name of ['a', 'b']) taken(passes.take(token, 0)).onRevoked(() => ended.push(name));
  const left = taken(passes.take(token, 0));
  left.onRevoked(() => ended.push('left'));
  left.release();
  taken(passes.take({ ...token, id: 'two' }, 0)).onRevoked(() => ended.push('two'));
  passes.revoke({ id: 'one', untilS: 500 });
  assert.deepEqual(ended, ['a', 'b']);
  assert.equal(passes.take(token, 499), 'revoked');
  taken(passes.take(token, 501));
});

test('who joins while the token is revoked is ended at once', () => {
  const passes = createPasses();
  const pass = taken(passes.take(token, 0));
  passes.revoke({ id: 'one', untilS: 500 });
  let isEnded = false;
  pass.onRevoked(() => {
    isEnded = true;
  });
  assert.ok(isEnded);
});

test('what was revoked before the start is revoked, and what is over is not kept', () => {
  const passes = createPasses([
    { id: 'one', untilS: 500 },
    { id: 'old', untilS: 10 },
  ]);
  assert.equal(passes.take(token, 100), 'revoked');
  assert.deepEqual(passes.revoked(100), [{ id: 'one', untilS: 500 }]);
});
