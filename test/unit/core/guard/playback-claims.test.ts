import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allowsStream, readClaims } from '../../../../src/core/guard/playback-claims.js';

const good = { exp: 2_000_000_000, stream: 'cam' };

test('claims are read, with what may be left out left out', () => {
  assert.deepEqual(readClaims(good, 'digest'), {
    id: 'digest',
    subject: null,
    streams: ['cam'],
    expiresS: 2_000_000_000,
    maxViewers: null,
    isOnce: false,
    hasRecordings: false,
  });
  const more = { jti: 'one', sub: 'ann', stream: ['a', 'b*'], maxViewers: 3, once: true, recordings: true };
  assert.deepEqual(readClaims({ ...good, ...more }, 'digest'), {
    id: 'one',
    subject: 'ann',
    streams: ['a', 'b*'],
    expiresS: 2_000_000_000,
    maxViewers: 3,
    isOnce: true,
    hasRecordings: true,
  });
});

const bad: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['exp', { exp: undefined }],
  ['exp', { exp: 'never' }],
  ['stream', { stream: undefined }],
  ['stream', { stream: '' }],
  ['stream', { stream: [] }],
  ['stream', { stream: ['cam', 7] }],
  ['stream', { stream: Array(65).fill('cam') }],
  ['jti', { jti: 7 }],
  ['jti', { jti: 'x'.repeat(129) }],
  ['sub', { sub: '' }],
  ['maxViewers', { maxViewers: 0 }],
  ['maxViewers', { maxViewers: 1.5 }],
  ['maxViewers', { maxViewers: '3' }],
  ['once', { once: 1 }],
  ['recordings', { recordings: 'yes' }],
];
for (const [claim, given] of bad) {
  test(`${claim} ${JSON.stringify(given)} is refused by its name`, () => {
    assert.match(String(readClaims({ ...good, ...given }, 'digest')), new RegExp(`^${claim}: `));
  });
}

const matches: readonly (readonly [string, string, boolean])[] = [
  ['cam', 'cam', true],
  ['cam', 'cam2', false],
  ['cam', 'Cam', false],
  ['cam*', 'cam', true],
  ['cam*', 'cam/left', true],
  ['*cam', 'a cam', true],
  ['a*b*c', 'a-b-c', true],
  ['a*b*c', 'abcbc', true],
  ['a*b*c', 'a-c-b', false],
  ['a*a', 'a', false],
  ['*', 'anything/at all', true],
  ['*', 'rtmp://host/app/stream', false],
  ['**', 'RTMPS://host/app/stream', false],
  ['rtmp://host/app/*', 'rtmp://host/app/stream', true],
  ['rtmp://host/app/*', 'rtmp://host.evil/app/stream', false],
  ['*', 'wheps://host/app/stream', false],
  ['whep*://*', 'whep://host/app', false],
  ['whep://host/*', 'whep://host/app', true],
  ['*', 'studio:main', true],
  ['rtmp*', 'rtmp-cam', true],
  ['rtmp*', 'rtmp://host/app/stream', false],
  ['.*', 'cam', false],
];
for (const [pattern, name, expected] of matches) {
  test(`the pattern ${pattern} ${expected ? 'allows' : 'does not allow'} ${name}`, () => {
    assert.equal(allowsStream({ streams: ['other', pattern] }, name), expected);
  });
}

test('a pattern allows what a regular expression of its parts does', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((chars) => chars.join(''));
  const names = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map((chars) => chars.join(''));
  fc.assert(
    fc.property(texts, names, (pattern, name) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '[ab]*')}$`).test(name);
      assert.equal(allowsStream({ streams: [pattern] }, name), expected);
    }),
  );
});
