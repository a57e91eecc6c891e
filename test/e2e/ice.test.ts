import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Stage, setStage } from '../support/browser/stage.js';
import { assertDecodes, assertTone, type Viewer, type WatchOptions, watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const toneHz = 440;
const fps = 30;
let stage: Stage;

before(async () => {
  stage = await setStage();
  const publisher = await publish(stage.nginx.url('cam'), { toneHz, fps });
  stage.onEnd(() => publisher.stop());
  assert.equal((await pull(stage.sluice, stage.nginx.url('cam'), 'cam')).status, 200);
  await whenStatus(stage.sluice, 'cam', 'PROCESSED_REMOTE');
});
after(() => stage.end());

const play = async (options: WatchOptions = {}): Promise<Viewer> => {
  const viewer = await watch(await stage.tab(), stage.pages.origin, `${stage.sluice.rest}/whep/cam`, options);
  await until('a second of audio', async () => (await viewer.stats()).audioSamples > 48_000);
  return viewer;
};

interface Pair {
  readonly address: string;
  readonly protocol: string;
  readonly ufrag: string;
}

const pairOf = (viewer: Viewer): Promise<Pair> => viewer.page.evaluate('selectedPair()');

/** Plays on for some seconds, whole. */
async function playsWhole(t: TestContext, viewer: Viewer): Promise<void> {
  await assertDecodes(t, viewer, { forMs: 3000, least: 0.9, fps });
}

test('an ICE restart moves a playing Chromium to new credentials, and the video goes on', async (t) => {
  // Beside one that nothing happens to: where that freezes, it is the machine.
  const [viewer, control] = [await play(), await play()];
  const before = await pairOf(viewer);
  const restart = async (): Promise<void> => {
    const { ufrag } = await pairOf(viewer);
    assert.equal(await viewer.page.evaluate('restartIce()'), 200);
    await until('a new pair', async () => (await pairOf(viewer)).ufrag !== ufrag);
  };
  const both = async () => ({ moved: await viewer.stats(), still: await control.stats() });
  for (const round of [1, 2]) {
    await judged(t, {
      async measure() {
        const first = await both();
        await restart();
        await delay(3000);
        const last = await both();
        const expected = ((last.moved.atMs - first.moved.atMs) * fps) / 1000;
        return {
          share: (last.moved.framesDecoded - first.moved.framesDecoded) / expected,
          freezes: last.moved.freezeCount - first.moved.freezeCount,
          controlFreezes: last.still.freezeCount - first.still.freezeCount,
        };
      },
      isGood: ({ share, freezes, controlFreezes }) => share >= 0.9 && freezes <= controlFreezes,
      words: ({ share, freezes, controlFreezes }) =>
        `round ${round}: ${(share * 100).toFixed(1)} % of the frames decoded, ${freezes} freezes, ${controlFreezes} beside it`,
    });
  }
  // What left the server has come, and left it whole, on any machine.
  const { packetsLost, audioPacketsLost } = await viewer.stats();
  assert.deepEqual([packetsLost, audioPacketsLost], [0, 0]);
  const { viewers } = await statsOf(stage.sluice, 'cam');
  assert.deepEqual(
    viewers.map(({ framesSkipped, connected }) => [framesSkipped, connected]),
    viewers.map(() => [0, true]),
  );
  assert.notEqual((await pairOf(viewer)).ufrag, before.ufrag);
  const states = await viewer.states();
  assert.ok(!states.some((state) => /disconnected|failed|closed/.test(state)), states.join(', '));
  assert.equal(await viewer.page.evaluate('leave()'), 200);
  assert.equal(await control.page.evaluate('leave()'), 200);
});

describe('what is offered', { concurrency: true }, () => {
  test('Chromium plays over TCP where no UDP is offered, with its tone', async (t) => {
    const viewer = await play({ dropped: /^a=candidate:\d+ 1 udp / });
    assert.equal((await pairOf(viewer)).protocol, 'tcp');
    await playsWhole(t, viewer);
    await assertTone(t, viewer, toneHz);
    assert.equal(await viewer.page.evaluate('leave()'), 200);
  });

  test('Chromium plays over IPv6 where nothing else is offered', async (t) => {
    const v6 = await startSluice(['--webrtc.listen=::1']);
    t.after(() => v6.stop());
    assert.equal((await pull(v6, stage.nginx.url('cam'), 'cam')).status, 200);
    await whenStatus(v6, 'cam', 'PROCESSED_REMOTE');
    const viewer = await watch(await stage.tab(), stage.pages.origin, `${v6.rest}/whep/cam`);
    await until('a second of audio', async () => (await viewer.stats()).audioSamples > 48_000);
    const { protocol, address } = await pairOf(viewer);
    assert.deepEqual([protocol, address], ['udp', '::1']);
    await playsWhole(t, viewer);
  });
});
