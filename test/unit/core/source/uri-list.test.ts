import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listUris } from '../../../../src/core/source/uri-list.js';

const [a, b, c] = ['rtmp://a/live/cam', 'rtmp://b/live/cam', 'rtmp://c/live/cam'] as const;

for (const { named, list } of [
  { named: { uri: a }, list: [a] },
  { named: { uris: [a, b] }, list: [a, b] },
  { named: { uri: c, uris: [a, b] }, list: [c, a, b] },
  { named: { uri: a, uris: [a, 'RTMP://A:1935/live/cam', b, b] }, list: [a, b] },
  { named: { uris: ['nonsense', 'nonsense', a] }, list: ['nonsense', a] },
  { named: {}, list: [] },
]) {
  test(`${JSON.stringify(named)} is tried as ${list.join(', ') || 'nothing'}`, () =>
    assert.deepEqual(listUris(named), list));
}
