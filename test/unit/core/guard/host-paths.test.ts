import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutHostPaths } from '../../../../src/core/guard/host-paths.js';

const cases: readonly (readonly [string, string])[] = [
  [
    "EMFILE: too many open files, open '/srv/sluice/.build/dist/actors/chunk-AB.mjs'",
    "EMFILE: too many open files, open 'chunk-AB.mjs'",
  ],
  [
    'Cannot find module file:///home/me/sluice/x.mjs imported from /a/b.mjs:3:7',
    'Cannot find module x.mjs imported from b.mjs:3:7',
  ],
  ['rtmp://source.example/live/cam and 1/2/3 stay', 'rtmp://source.example/live/cam and 1/2/3 stay'],
  ['boom', 'boom'],
];
for (const [text, shown] of cases)
  test(`"${text}" is shown as "${shown}"`, () => assert.equal(withoutHostPaths(text), shown));
