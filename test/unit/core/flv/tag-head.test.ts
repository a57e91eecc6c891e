import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tagHead } from '../../../../src/core/flv/tag-head.js';

const hvc1 = [0x68, 0x76, 0x63, 0x31];
const av01 = [0x61, 0x76, 0x30, 0x31];
const opus = [0x4f, 0x70, 0x75, 0x73];

/** Tags that are told apart, each by its first bytes. */
const heads = {
  video: [
    [0x17, 1, 0, 0, 0, 9],
    [0x27, 1, 0, 0, 0, 9],
    [0x17, 0, 0, 0, 0, 9],
    [0x1c, 1, 0, 0, 0, 9],
    [0x91, ...hvc1, 9],
    [0xa1, ...hvc1, 9],
    [0x93, ...hvc1, 9],
    [0x91, ...av01, 9],
  ],
  audio: [
    [0xaf, 1, 9],
    [0xaf, 0, 9],
    [0x2f, 1, 9],
    [0x72, 1, 9],
    [0x91, ...opus, 9],
  ],
} as const;

for (const track of ['video', 'audio'] as const) {
  test(`${track}: tags of one kind have one head, tags of two kinds two`, () => {
    const found = heads[track].map((body) => tagHead(track, Uint8Array.from(body)));
    assert.ok(found.every((head) => head !== null));
    assert.equal(new Set(found).size, found.length);
    const others = heads[track].map((body) => tagHead(track, Uint8Array.from([...body.slice(0, -1), 200, 1, 2])));
    assert.deepEqual(others, found);
  });
}

test('G.711 and MP3 have data in their second byte, which is no part of the head', () => {
  for (const first of [0x2f, 0x72, 0x82]) {
    assert.equal(tagHead('audio', Uint8Array.of(first, 0)), tagHead('audio', Uint8Array.of(first, 1)));
  }
});

test('what the first bytes do not say has no head', () => {
  const video = [
    [],
    [0x17],
    [0x12, 1, 2],
    [0x91, ...hvc1.slice(1)],
    [0x90, ...hvc1, 1],
    [0x94, ...hvc1, 1],
    [0x96, 0, ...hvc1, 1],
    [0x97, 0, 0, ...hvc1, 1],
  ];
  for (const body of video) assert.equal(tagHead('video', Uint8Array.from(body)), null, `video ${body}`);
  for (const body of [[], [0xaf], [0x90, ...opus, 1], [0x95, 0, ...opus, 1], [0x97, 0, 0, ...opus, 1]]) {
    assert.equal(tagHead('audio', Uint8Array.from(body)), null, `audio ${body}`);
  }
});
