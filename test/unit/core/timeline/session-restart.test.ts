/** A session that begins with a burst of what is old: the line goes on where it would have been without it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSourceClock } from '../../../../src/core/timeline/source-clock.js';

const frameMs = 40;

/** Both tracks, `lagMs` behind real time; gives how far the last message is ahead of real time. */
function play(
  clock: ReturnType<typeof createSourceClock>,
  fromMs: number,
  untilMs: number,
  stampAtMs: (ms: number) => number,
) {
  let aheadMs = 0;
  for (let ms = fromMs; ms < untilMs; ms += frameMs) {
    aheadMs = clock.place('video', stampAtMs(ms), ms) - ms;
    clock.place('audio', stampAtMs(ms), ms);
  }
  return aheadMs;
}

for (const burstMs of [0, 300, 4000]) {
  test(`a burst of ${burstMs} ms leaves the line where it was, and no frame of the video is late`, () => {
    const clock = createSourceClock(0);
    const before = play(clock, 0, 4000, (ms) => 90_000 + ms);
    const backMs = 6000;
    clock.newSession(backMs);
    // Held for 150 ms: what was made meanwhile has come too.
    clock.startLate(burstMs + 150);
    const heldMs = burstMs + 150;
    let lastMs = 0;
    for (let stampMs = 0; stampMs <= heldMs; stampMs += frameMs) {
      const mediaMs = clock.place('video', stampMs, backMs + 150);
      assert.ok(mediaMs > lastMs && mediaMs - (backMs + 150) >= before - 20, `${mediaMs} at ${stampMs}`);
      lastMs = mediaMs;
    }
    const after = play(clock, backMs + 150 + frameMs, 12_000, (ms) => ms - backMs + burstMs);
    assert.ok(Math.abs(after - before) <= frameMs, `${after - before} ms ahead`);
  });
}

test('what comes late before the end of a session does not delay the next one', () => {
  const clock = createSourceClock(0);
  const before = play(clock, 0, 4000, (ms) => 90_000 + ms);
  // The last frames come two seconds late, as from an encoder that is being ended.
  for (let ms = 4000; ms < 4200; ms += frameMs) clock.place('video', 90_000 + ms, 6200);
  clock.newSession(8000);
  const after = play(clock, 8000, 12_000, (ms) => ms);
  assert.ok(Math.abs(after - before) <= frameMs, `${after - before} ms ahead`);
});
