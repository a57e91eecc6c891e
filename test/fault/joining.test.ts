/**
 * Many who join while others watch: what the handshakes do to frames that are due. The time of a frame is from the
 * source's having it to its last packet at a watcher; what is beyond its median in the same run is a gap.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openStage } from '../bench/fanout/stage.js';
import { quantile } from '../bench/report.js';
import { judged } from '../support/judged.js';

const watchers = 100;
const joining = 20;
const seconds = 3;
const maxGapMs = 20;

interface Watched {
  readonly medianMs: number;
  readonly longestMs: number;
  readonly lost: number;
  readonly frames: number;
}

async function watch(): Promise<Watched> {
  const stage = await openStage({ fanout: 'native', viewers: watchers, readers: 16, keyEvery: 0 });
  try {
    const seen = stage.run(seconds);
    // Behind the warm-up, in the midst of what is measured.
    await delay(3000);
    const { wallMs } = await stage.join(joining, 1000);
    assert.ok(wallMs >= 900, `spread over a second, as is meant: ${wallMs} ms`);
    const { viewers } = await seen;
    const sorted = viewers.frameMs.toSorted((a, b) => a - b);
    return {
      medianMs: quantile(sorted, 0.5),
      longestMs: quantile(sorted, 1),
      lost: viewers.lost,
      frames: sorted.length,
    };
  } finally {
    await stage.close();
  }
}

test(`${joining} join within a second while ${watchers} watch, and nobody sees a gap of more than 20 ms`, async (t: TestContext) => {
  const result = await judged(t, {
    async measure() {
      const window = await watch();
      t.diagnostic(JSON.stringify(window));
      return window;
    },
    // A receiver that gets no core loses what its socket cannot hold.
    isGood: ({ medianMs, longestMs, lost }) => lost === 0 && longestMs - medianMs <= maxGapMs,
    words: ({ medianMs, longestMs, lost }) => `${longestMs} ms, where the median is ${medianMs}; ${lost} packets lost`,
  });
  assert.ok(result.frames >= 16 * 30 * seconds * 0.9, `${result.frames} frames seen`);
});
