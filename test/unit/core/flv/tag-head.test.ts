import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audioTagHead } from '../../../../src/core/flv/tag-head.js';

const opus = [0x4f, 0x70, 0x75, 0x73];

/** Tags that are told apart, each by its first bytes. */
const heads = [
  [0xaf, 1, 9],
  [0xaf, 0, 9],
  [0x2f, 1, 9],
  [0x72, 1, 9],
  [0x91, ...opus, 9],
];

test('tags of one kind have one head, tags of two kinds two', () => {
  const found = heads.map((body) => audioTagHead(Uint8Array.from(body)));
  assert.ok(found.every((head) => head !== null));
  assert.equal(new Set(found).size, found.length);
  const others = heads.map((body) => audioTagHead(Uint8Array.from([...body.slice(0, -1), 200, 1, 2])));
  assert.deepEqual(others, found);
});

test('G.711 and MP3 have data in their second byte, which is no part of the head', () => {
  for (const first of [0x2f, 0x72, 0x82]) {
    assert.equal(audioTagHead(Uint8Array.of(first, 0)), audioTagHead(Uint8Array.of(first, 1)));
  }
});

test('what the first bytes do not say has no head', () => {
  for (const body of [[], [0xaf], [0x90, ...opus, 1], [0x95, 0, ...opus, 1], [0x97, 0, 0, ...opus, 1]]) {
    assert.equal(audioTagHead(Uint8Array.from(body)), null, `${body}`);
  }
});
