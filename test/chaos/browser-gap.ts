/** How long a browser shows no new picture, and whether it kept its connection. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Reception, Viewer } from '../support/browser/viewer.js';

const betweenMs = 50;
const framesAgain = 15;

/** Looks at the browser from now on. `whenOver`: the blow is struck. `mostMs`: how long it may take from then on. */
export async function browserGapMs(viewer: Viewer, whenOver: Promise<unknown>, mostMs: number): Promise<number> {
  const before = await viewer.stats();
  let overAtMs: number | null = null;
  const noteOver = (): void => {
    overAtMs = performance.now();
  };
  void whenOver.then(noteOver, noteOver);
  let last: Reception = before;
  let gapMs = 0;
  let framesBehind = 0;
  while (framesBehind < framesAgain) {
    assert.ok(overAtMs === null || performance.now() - overAtMs < mostMs, 'a browser shows no picture again');
    await delay(betweenMs);
    const now = await viewer.stats();
    if (now.framesDecoded <= last.framesDecoded) continue;
    gapMs = Math.max(gapMs, now.atMs - last.atMs);
    if (overAtMs !== null) framesBehind += now.framesDecoded - last.framesDecoded;
    last = now;
  }
  assert.equal(last.ssrc, before.ssrc, 'a browser has another stream');
  const states = await viewer.states();
  assert.ok(!states.some((state) => /failed|closed/.test(state)), `a browser lost its connection: ${states.join(' ')}`);
  return gapMs;
}
