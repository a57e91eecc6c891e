/** Audio and video that a source stamps seconds apart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSourceClock } from '../../../../src/core/timeline/source-clock.js';
import type { SourceTrack } from '../../../../src/core/timeline/stamp-fit.js';
import { type Placed, place, plain } from './placed-source.js';
import { type Message, messagesOf } from './simulated-source.js';

const toleranceMs = 40;

/** How far the audio is ahead of the video that was captured with it, at a time of the source. */
function aheadAt(placed: readonly Placed[], atMs: number): number {
  const at = (track: SourceTrack): number => {
    const message = placed.find((m) => m.track === track && m.trueMs >= atMs) ?? assert.fail(`no ${track} at ${atMs}`);
    return message.mediaMs - message.trueMs;
  };
  return at('audio') - at('video');
}

for (const offMs of [5000, -5000, 9000, 2000, -2000]) {
  test(`audio stamped ${offMs} ms away from the video that comes with it is put beside it, and stays there`, () => {
    const placed = place(
      messagesOf({
        ...plain,
        lumpMs: 200,
        baseMs: { audio: 20_000 + offMs, video: 20_000 },
        disturbances: [{ kind: 'reconnect', atMs: 12_000, forMs: 500, stampMs: 20_000 }],
      }).map((message) => (message.session === 1 && message.track === 'audio' ? off(message, offMs) : message)),
    );
    assert.ok(Math.abs(aheadAt(placed, 1000) - offMs) < toleranceMs, 'the stamps rule at first');
    for (const atMs of [6000, 11_000, 12_600, 13_500, 19_000])
      assert.ok(Math.abs(aheadAt(placed, atMs)) <= 250, `${aheadAt(placed, atMs)} ms apart at ${atMs}`);
  });
}
const off = (message: Message, byMs: number): Message => ({ ...message, stampMs: message.stampMs + byMs });

for (const offMs of [1200, -1200]) {
  test(`audio stamped ${offMs} ms away is where the source says`, () => {
    const placed = place(messagesOf({ ...plain, baseMs: { audio: 20_000 + offMs, video: 20_000 } }));
    for (const atMs of [1000, 18_000]) assert.ok(Math.abs(aheadAt(placed, atMs) - offMs) < toleranceMs);
  });
}

test('five seconds of cached video that come at once beside live audio move nothing', () => {
  const cached = (message: Message): Message =>
    message.track === 'video' && message.trueMs < 5000 ? { ...message, arrivalMs: 5000 } : message;
  const live = messagesOf(plain).filter(({ track, trueMs }) => track === 'video' || trueMs >= 5000);
  const placed = place(live.map(cached).sort((one, other) => one.arrivalMs - other.arrivalMs));
  for (const atMs of [6000, 12_000, 19_000]) assert.ok(Math.abs(aheadAt(placed, atMs)) < toleranceMs);
});

test('where the limit is 0 the stamps rule', () => {
  const clock = createSourceClock(0);
  const offsets = messagesOf({ ...plain, baseMs: { audio: 26_000, video: 20_000 } }).map(
    ({ track, stampMs, arrivalMs }) => clock.place(track, stampMs, arrivalMs) - stampMs,
  );
  assert.ok(Math.max(...offsets) - Math.min(...offsets) < 1);
  assert.equal(clock.movedMs, 0);
});

test('how far they were moved is told, positive where the video went forward, and the setting says from where on', () => {
  const movedBy = (maxApartMs: number, offMs: number): number => {
    const clock = createSourceClock(maxApartMs);
    for (const { track, stampMs, arrivalMs } of messagesOf({
      ...plain,
      baseMs: { audio: 20_000 + offMs, video: 20_000 },
    }))
      clock.place(track, stampMs, arrivalMs);
    return clock.movedMs;
  };
  for (const offMs of [5000, -5000]) {
    assert.ok(Math.abs(movedBy(1500, offMs) - offMs) <= 250, `${movedBy(1500, offMs)} ms for ${offMs}`);
    assert.equal(movedBy(6000, offMs), 0);
  }
});
