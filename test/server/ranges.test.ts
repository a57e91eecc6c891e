import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRange } from '../../src/server/file-reply.js';

test('ranges of bytes are read as RFC 9110 14.1.2 has them; what is none is as if it were not there', () => {
  const cases: readonly (readonly [string, ReturnType<typeof readRange>])[] = [
    ['bytes=0-', [0, 1000]],
    ['bytes=10-19', [10, 20]],
    ['bytes=990-2000', [990, 1000]],
    ['bytes=-100', [900, 1000]],
    ['bytes=-5000', [0, 1000]],
    ['bytes=1000-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=20-10', 'unsatisfiable'],
    ['bytes=0-1,5-6', null],
    ['bytes=-', null],
    ['lines=1-2', null],
    ['', null],
  ];
  for (const [header, range] of cases) assert.deepEqual(readRange(header, 1000), range, header);
});
