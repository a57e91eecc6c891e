import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startFirefox } from '../support/browser/firefox.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { assertDecodes, assertTone, watch } from '../support/browser/viewer.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { publish, publishTones } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const toneHz = 440;
let stage: Stage;

before(async () => {
  stage = await setStage({ launch: startFirefox });
});
after(() => stage.end());

describe('what nginx sends', { concurrency: true }, () => {
  test('Firefox plays the stream of nginx, frame and audio', async (t) => {
    const { nginx, sluice, pages } = stage;
    const publisher = await publish(nginx.url('cam'), { toneHz });
    stage.onEnd(() => publisher.stop());
    assert.equal((await pull(sluice, nginx.url('cam'), 'cam')).status, 200);
    await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
    const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/cam`);
    await until('the first second', async () => (await viewer.stats()).framesDecoded > 30);
    await assertDecodes(t, viewer, { forMs: 5000, least: 0.9, fps: 30 });
    await assertTone(t, viewer, toneHz, 'recordedToneHz');
    assert.equal((await viewer.stats()).audioPacketsLost, 0);
  });

  test('Firefox that takes only G.711 hears the G.711 of the source as it is, and AAC made into it', async (t) => {
    const { nginx, sluice, pages } = stage;
    const names = ['pcm_alaw', 'aac'] as const;
    const publisher = await publishTones(
      toneHz,
      names.map((name) => ({ url: nginx.url(name), encoder: name, sampleRateHz: 8000, channels: 1 })),
    );
    stage.onEnd(() => publisher.stop());
    const hears = async (name: (typeof names)[number]): Promise<void> => {
      assert.equal((await pull(sluice, nginx.url(name), name)).status, 200);
      await whenStatus(sluice, name, 'PROCESSED_REMOTE');
      const heard = { kinds: ['audio'], only: 'audio/PCMA' } as const;
      const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/${name}`, heard);
      await until('half a second of audio', async () => (await viewer.stats()).audioSamples > 4000);
      await assertTone(t, viewer, toneHz, 'recordedToneHz');
      assert.equal((await viewer.stats()).audioPacketsLost, 0);
      assert.equal((await viewer.stats()).audioCodec, 'audio/PCMA');
      const [way] = (await statsOf(sluice, name)).otherAudio;
      assert.deepEqual([way?.codec, way?.kind], ['PCMA', name === 'aac' ? 'transcode' : 'pass']);
      await viewer.page.context().close();
    };
    await Promise.all(names.map(hears));
  });
});
