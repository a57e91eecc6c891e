import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAsked } from '../../../src/rtmp-out/asked.js';

const table: readonly (readonly [app: string, stream: string, name: string, token: string])[] = [
  ['live', 'cam?token=secret', 'cam', 'secret'],
  ['live', 'cam', 'cam', ''],
  ['live?token=secret', 'cam', 'cam', 'secret'],
  // Where a program cuts behind the query of the application.
  ['live?token=secret/x', 'cam', 'cam', 'secret'],
  ['live?token=other', 'cam?token=secret', 'cam', 'secret'],
  ['live', '/cam%20two?a=b&token=s%2Bt', 'cam two', 's+t'],
  ['live', 'cam%zz', 'cam%zz', ''],
  ['', '', '', ''],
];

for (const [app, stream, name, token] of table) {
  test(`"${app}" and "${stream}" ask for "${name}" with "${token}"`, () => {
    assert.deepEqual(readAsked({ app, stream }), { name, token });
  });
}
