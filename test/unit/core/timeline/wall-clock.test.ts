import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFollowingClock, createWallClock, type WallClock } from '../../../../src/core/timeline/wall-clock.js';

const utcMs = 1_800_000_000_000;

/** Feeds 50 messages a second; `lateMs` tells how late the one of a time arrives. */
function feed(clock: WallClock, fromMs: number, toMs: number, lateMs: (ms: number) => number): void {
  for (let ms = fromMs; ms < toMs; ms += 20) clock.observe(ms, utcMs + ms + lateMs(ms));
}

function mediaAt(clock: WallClock, ms: number): number {
  return clock.mediaMsAt(utcMs + ms) ?? Number.NaN;
}

test('nothing is known before the first message', () => {
  assert.equal(createWallClock().mediaMsAt(utcMs), null);
});

test('lumps and late messages do not move the clock, the least lag counts', () => {
  const clock = createWallClock();
  feed(clock, 0, 60_000, (ms) => 80 + ((ms * 7) % 200));
  assert.ok(Math.abs(mediaAt(clock, 60_000) - (60_000 - 80)) <= 1);
});

test('a burst of cached media at the start leads to the live edge at once', () => {
  const clock = createWallClock();
  for (let ms = 0; ms < 2000; ms += 20) clock.observe(ms, utcMs + 2000 + ms / 100);
  feed(clock, 2000, 3000, () => 50);
  assert.ok(Math.abs(mediaAt(clock, 3000) - (3000 - 30)) <= 25);
});

test('a change of lag below half a second is followed by no more than 1 ms per second', () => {
  const clock = createWallClock();
  feed(clock, 0, 10_000, () => 300);
  const before = mediaAt(clock, 10_000);
  feed(clock, 10_000, 20_000, () => 100);
  const moved = mediaAt(clock, 20_000) - before - 10_000;
  assert.ok(moved > 5 && moved <= 10.1, `${moved}`);
});

test('a clock of the source that runs 200 ppm fast is followed within 5 ms', () => {
  const clock = createWallClock();
  for (let ms = 0; ms < 600_000; ms += 20) clock.observe(ms * 1.0002, utcMs + ms);
  assert.ok(Math.abs(mediaAt(clock, 600_000) - 600_000 * 1.0002) <= 5);
});

test('a jump of the line ahead is followed at once', () => {
  const clock = createWallClock();
  feed(clock, 0, 10_000, () => 100);
  feed(clock, 10_000, 10_040, () => -1900);
  assert.ok(Math.abs(mediaAt(clock, 10_100) - 12_000) <= 1);
});

test('a source that stood still for a minute is followed when the older lag has left the window', () => {
  const clock = createWallClock();
  feed(clock, 0, 10_000, () => 100);
  assert.ok(mediaAt(clock, 70_000) > 69_000);
  feed(clock, 10_000, 12_000, () => 60_100);
  assert.ok(Math.abs(mediaAt(clock, 72_000) - 11_900) <= 1);
});

test('answers never go backward while the clock is slewed, nor for a wall time before the last one', () => {
  const clock = createWallClock();
  let last = Number.NEGATIVE_INFINITY;
  for (let ms = 0; ms < 60_000; ms += 20) {
    clock.observe(ms, utcMs + ms + (ms < 20_000 ? 50 : 450));
    const media = mediaAt(clock, ms - ((ms * 7) % 50));
    assert.ok(media >= last);
    last = media;
  }
});

test('a clock that gets the lag now and then answers as the one that knows it, and never goes backward', () => {
  const clock = createWallClock();
  const following = createFollowingClock();
  assert.equal(following.mediaMsAt(utcMs), null);
  let last = Number.NEGATIVE_INFINITY;
  for (let ms = 0; ms < 60_000; ms += 20) {
    clock.observe(ms, utcMs + ms + (ms < 20_000 ? 50 : 450));
    following.follow(clock.lagMs);
    const wallMs = utcMs + ms - ((ms * 7) % 50);
    const media = following.mediaMsAt(wallMs) ?? Number.NaN;
    assert.equal(media, clock.mediaMsAt(wallMs));
    assert.ok(media >= last);
    last = media;
  }
  // A source that stood still for a minute: both go back.
  feed(clock, 60_000, 72_000, () => 60_100);
  following.follow(clock.lagMs);
  assert.equal(following.mediaMsAt(utcMs + 132_000), mediaAt(clock, 132_000));
  assert.ok(mediaAt(clock, 132_000) < 72_000);
});
