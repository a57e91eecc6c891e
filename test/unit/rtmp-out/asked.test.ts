import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AskedLink } from '../../../src/cluster/contract.js';
import { readAsked, readLink } from '../../../src/rtmp-out/asked.js';

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

const links: readonly (readonly [app: string, stream: string, link: AskedLink | null])[] = [
  ['cluster', 'kEy_-1?token=t&epoch=7', { key: 'kEy_-1', token: 't', epoch: 7 }],
  ['cluster/', '/key?epoch=0&token=t', { key: 'key', token: 't', epoch: 0 }],
  // Where a program cuts behind the query of the application.
  ['cluster?token=t&epoch=7/', 'key', { key: 'key', token: 't', epoch: 7 }],
  ['cluster', 'key', { key: 'key', token: '', epoch: -1 }],
  ['cluster', 'key?epoch=1e3', { key: 'key', token: '', epoch: -1 }],
  ['clusters', 'key?token=t&epoch=7', null],
  ['live', 'cluster?token=t&epoch=7', null],
];

for (const [app, stream, link] of links) {
  test(`"${app}" and "${stream}" ask for ${link === null ? 'no link' : `a link of epoch ${link.epoch}`}`, () => {
    assert.deepEqual(readLink({ app, stream }), link);
  });
}
