import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPatience, type Patience } from '../../../../actors/source/patience.js';

const usualMs = 4500;
const patience = (mostMs = 60_000) => createPatience({ usualMs, mostMs });
/** A session of so many messages; gives the time of the last. */
function session(one: Patience, count: number, gapMs: number, fromMs = 0): number {
  one.newSession();
  for (let n = 0; n < count; n += 1) one.media(n * gapMs, fromMs + n * gapMs);
  return fromMs + (count - 1) * gapMs;
}

test('a source that is silent at first is waited for longer each time, until media comes', () => {
  const silent = patience();
  const waited = [1, 2, 3, 4].map(() => {
    silent.newSession();
    silent.failed('source.noMedia');
    return silent.ms / usualMs;
  });
  assert.deepEqual(waited, [2, 4, 4, 4]);
  silent.failed('source.refused');
  assert.equal(silent.ms, 4 * usualMs);
  session(silent, 25, 40);
  assert.equal(silent.ms, usualMs);
});

test('a picture every six seconds is waited for three times as long once its distance was seen', () => {
  const slow = patience();
  slow.newSession();
  // Configuration and keyframe: nothing more comes in time.
  slow.media(0, 0);
  slow.media(0, 2);
  slow.failed('source.stalled');
  assert.ok(slow.ms >= 6000, `${slow.ms}`);
  session(slow, 2, 6000, 10_000);
  assert.equal(slow.ms, 18_000);
  slow.failed('source.ended');
  assert.equal(slow.ms, 18_000, 'it is known of the next session');
  session(slow, 200, 40, 60_000);
  assert.ok(slow.ms <= 18_000);
  session(slow, 2000, 40, 70_000);
  assert.equal(slow.ms, usualMs, 'and forgotten when its frames are close');
});

test('the setting bounds it', () => {
  const bounded = patience(10_000);
  session(bounded, 4, 6000);
  assert.equal(bounded.ms, 10_000);
  const below = patience(1000);
  session(below, 4, 6000);
  assert.equal(below.ms, usualMs);
});

test('a source of 25 frames a second that pauses now and then is lost as soon as ever', () => {
  const paused = patience();
  let atMs = session(paused, 250, 40);
  for (let n = 0; n < 5; n += 1) {
    atMs += 4000;
    for (let frame = 0; frame < 125; frame += 1, atMs += 40) paused.media(atMs, atMs);
    assert.equal(paused.ms, usualMs);
  }
  paused.failed('source.stalled');
  assert.equal(paused.ms, usualMs);
});
