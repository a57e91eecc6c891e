import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let stage: Stage;

before(async () => {
  stage = await setStage();
});
after(() => stage.end());

test('size, profile, B-frames and sample rate change under a viewer, who goes on in the same session', async () => {
  const { nginx, sluice, pages } = stage;
  const url = nginx.url('cam');
  const small = { size: '640x360', bitrateKbps: 800, gopFrames: 30 } as const;
  const cases = [
    { options: small, width: 640, way: 'pass' },
    { options: { ...small, size: '320x180', profile: 'high', sampleRateHz: 48_000 }, width: 320, way: 'pass' },
    { options: { ...small, size: '480x270', bFrames: 2, sampleRateHz: 22_050 }, width: 480, way: 'reencode' },
    { options: small, width: 640, way: 'pass' },
  ] as const;
  const first = await publish(url, cases[0].options);
  stage.onEnd(() => first.stop());
  assert.equal((await pull(sluice, url, 'cam')).status, 200);
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
  const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/cam`);
  let publisher = first;
  for (const { options, width, way } of cases.slice(1)) {
    await publisher.stop();
    publisher = await publish(url, options);
    const now = publisher;
    stage.onEnd(() => now.stop());
    await until(`frames of width ${width}`, async () => (await viewer.stats()).width === width);
    const before = await viewer.stats();
    await until('a second of video and audio', async () => {
      const { framesDecoded, audioSamples, concealedSamples } = await viewer.stats();
      const heard = audioSamples - concealedSamples - (before.audioSamples - before.concealedSamples);
      return framesDecoded - before.framesDecoded >= 30 && heard >= 48_000;
    });
    const stats = await statsOf(sluice, 'cam');
    assert.equal(stats.videoPath.kind, way);
    assert.equal(stats.viewers.length, 1);
  }
  assert.deepEqual(
    (await viewer.states()).filter((state) => /failed|closed/.test(state)),
    [],
  );
  const [listed] = await (await fetch(`${sluice.rest}/api/streams`))
    .json()
    .then((views: unknown) => (Array.isArray(views) ? views : []));
  assert.equal(listed.restarts, 0);
});
