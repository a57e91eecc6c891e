import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserOf } from '../../../src/server/browser-name.js';

const known = [
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36',
    'Chrome 156, Linux',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
    'Edge 140, Windows',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
    'Safari 18, macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    'Safari 18, iOS',
  ],
  ['Mozilla/5.0 (Android 15; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0', 'Firefox 153, Android'],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['', ''],
] as const;
for (const [userAgent, name] of known) {
  test(`${name === '' ? 'nothing told' : name}`, () => assert.equal(browserOf(userAgent), name));
}

test('of an unknown one the beginning is shown', () => {
  assert.equal(browserOf('x'.repeat(100)).length, 40);
});
