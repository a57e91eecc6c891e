import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MediaMessage, Track } from '../../../../src/core/rtmp/media-message.js';
import { createPlayerGroup } from '../../../../src/core/rtmp/player-group.js';

const message = (track: Track, timestampMs: number, ...body: number[]): MediaMessage => ({
  track,
  timestampMs,
  body: Uint8Array.from(body),
});
const shown = (messages: readonly MediaMessage[] | null): unknown =>
  messages?.map(({ track, timestampMs, body }) => [track, timestampMs, ...body]) ?? null;

/** A group that has its setup, a keyframe at 1000 and what follows. */
function begun(maxBytes = 100) {
  const group = createPlayerGroup(maxBytes);
  group.push(message('video', 0, 1), 'config', 0);
  group.push(message('audio', 0, 2), 'config', 0);
  group.push(message('data', 0, 3), 'metadata', 0);
  group.push(message('audio', 990, 4), 'frame', 90);
  group.push(message('video', 1000, 5), 'start', 100);
  group.push(message('audio', 1010, 6), 'frame', 110);
  return group;
}

test('a player begins with metadata, the configurations, and the newest keyframe and what followed', () => {
  assert.deepEqual(shown(begun().opening()), [
    ['data', 1000, 3],
    ['video', 1000, 1],
    ['audio', 1000, 2],
    ['video', 1000, 5],
    ['audio', 1010, 6],
  ]);
});

test('metadata and configurations are given again at any time, and those of an old session are not', () => {
  const group = begun();
  assert.deepEqual(shown(group.setup(2000)), [
    ['data', 2000, 3],
    ['video', 2000, 1],
    ['audio', 2000, 2],
  ]);
  group.newSession();
  assert.deepEqual(group.setup(3000), []);
});

test('before a keyframe, without what came before it, and beyond its limit nobody begins', () => {
  const group = createPlayerGroup(3);
  assert.equal(group.opening(), null);
  group.push(message('video', 0, 1), 'frame', 0);
  assert.equal(group.opening(), null);
  group.push(message('video', 40, 1, 2, 3), 'start', 40);
  assert.notEqual(group.opening(), null);
  group.push(message('video', 80, 1), 'frame', 80);
  assert.equal(group.opening(), null, 'too much');
  group.push(message('video', 120, 1), 'start', 120);
  group.forget();
  assert.equal(group.opening(), null, 'a gap');
});

test('an event of the source goes out at the time of the media, and is not kept', () => {
  const group = begun();
  assert.equal(group.push(message('data', 77, 9), 'event', 120).timestampMs, 1010);
  assert.equal(group.opening()?.length, 5);
});

test('time runs on over the sessions of a source, whose configurations are asked for anew', () => {
  const group = begun();
  group.newSession();
  assert.equal(group.opening(), null);
  assert.equal(group.push(message('video', 5_000_000, 1), 'config', 600).timestampMs, 1010);
  assert.equal(group.push(message('video', 5_000_000, 5), 'start', 610).timestampMs, 1510);
  assert.equal(group.push(message('video', 5_000_040, 5), 'frame', 655).timestampMs, 1550);
  assert.deepEqual(shown(group.opening()), [
    ['video', 1510, 1],
    ['video', 1510, 5],
    ['video', 1550, 5],
  ]);
});

test('timestamps go round after 2^32 ms', () => {
  const group = createPlayerGroup(100);
  group.push(message('video', 2 ** 32 - 10, 1), 'start', 0);
  group.newSession();
  assert.equal(group.push(message('video', 0, 1), 'start', 40).timestampMs, 30);
});
