import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Stage, setStage } from '../support/browser/stage.js';
import { type Viewer, type WatchOptions, watch } from '../support/browser/viewer.js';
import { pull, whenStatus } from '../support/server/pulls.js';
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
async function playsWhole(viewer: Viewer, act: () => Promise<void> = async () => {}): Promise<void> {
  const first = await viewer.stats();
  await act();
  await delay(3000);
  const last = await viewer.stats();
  const expected = ((last.atMs - first.atMs) * fps) / 1000;
  const decoded = last.framesDecoded - first.framesDecoded;
  assert.ok(decoded >= 0.9 * expected, `${decoded} of ${expected.toFixed(0)} frames decoded`);
  assert.equal(last.freezeCount - first.freezeCount, 0, 'freezes');
}

test('an ICE restart moves a playing Chromium to new credentials, and the picture goes on', async () => {
  const viewer = await play();
  const before = await pairOf(viewer);
  for (const round of [1, 2]) {
    const { ufrag } = await pairOf(viewer);
    await playsWhole(viewer, async () => {
      assert.equal(await viewer.page.evaluate('restartIce()'), 200);
      await until(`new pair ${round}`, async () => (await pairOf(viewer)).ufrag !== ufrag);
    });
  }
  assert.notEqual((await pairOf(viewer)).ufrag, before.ufrag);
  const states = await viewer.states();
  assert.ok(!states.some((state) => /disconnected|failed|closed/.test(state)), states.join(', '));
  assert.equal(await viewer.page.evaluate('leave()'), 200);
});

test('Chromium plays over TCP where no UDP is offered, with its tone', async () => {
  const viewer = await play({ dropped: /^a=candidate:\d+ 1 udp / });
  assert.equal((await pairOf(viewer)).protocol, 'tcp');
  await playsWhole(viewer);
  const heardHz: number = await viewer.page.evaluate('reception.toneHz()');
  assert.ok(Math.abs(heardHz - toneHz) <= 5, `the tone is ${heardHz} Hz`);
  assert.equal(await viewer.page.evaluate('leave()'), 200);
});

test('Chromium plays over IPv6 where nothing else is offered', async (t) => {
  const v6 = await setStage({ flags: ['--webrtc.listen=::1'] });
  t.after(() => v6.end());
  const publisher = await publish(v6.nginx.url('cam'), { fps });
  v6.onEnd(() => publisher.stop());
  assert.equal((await pull(v6.sluice, v6.nginx.url('cam'), 'cam')).status, 200);
  await whenStatus(v6.sluice, 'cam', 'PROCESSED_REMOTE');
  const viewer = await watch(await v6.tab(), v6.pages.origin, `${v6.sluice.rest}/whep/cam`);
  const { protocol, address } = await pairOf(viewer);
  assert.deepEqual([protocol, address], ['udp', '::1']);
  await playsWhole(viewer);
});
