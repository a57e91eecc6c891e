/** The audio of every codec in a browser: the tone that was sent, whole. */
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, setStage } from '../support/browser/stage.js';
import { type Viewer, watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { startNodeMediaServer } from '../support/source/node-media-server.js';
import { publish, publishEnhanced, publishTones } from '../support/source/publisher.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { until } from '../support/until.js';

const toneHz = 440;
const small = { size: '320x180', fps: 25, gopFrames: 25, bitrateKbps: 300, toneHz };
let stage: Stage;
let enhanced: RtmpServer;

const tone = (codec: string, encoder: string, sampleRateHz: number, channels: number) => ({
  codec,
  encoder,
  sampleRateHz,
  channels,
  name: `${encoder}-${sampleRateHz}-${channels}`,
});

const tones = [
  ...[44_100, 48_000, 22_050, 11_025, 8000].flatMap((hz) => [1, 2].map((channels) => tone('AAC', 'aac', hz, channels))),
  tone('AAC', 'aac', 48_000, 6),
  tone('MP3', 'libmp3lame', 44_100, 2),
  tone('PCMA', 'pcm_alaw', 8000, 1),
  tone('PCMU', 'pcm_mulaw', 8000, 1),
  tone('Speex', 'libspeex', 16_000, 1),
  tone('Nellymoser', 'nellymoser', 22_050, 1),
];

before(async () => {
  stage = await setStage();
  const { nginx, sluice } = stage;
  const publisher = await publishTones(
    toneHz,
    tones.map((one) => ({ ...one, url: nginx.url(one.name) })),
  );
  stage.onEnd(() => publisher.stop());
  enhanced = await startNodeMediaServer();
  stage.onEnd(() => enhanced.stop());
  for (const { name } of tones) assert.equal((await pull(sluice, nginx.url(name), name)).status, 200);
  for (let n = 0; n < 2 * atOnce; n += 1) freeTabs.push(await openTab());
});
after(() => stage.end());

/** Tests; each waits most of its time, and has two viewers at the most. */
const atOnce = 2;

/**
 * A tab takes more of a core to open than audio to play in it, and who plays meanwhile hears that for seconds: they are open before anybody
 * listens, with what Chromium plays audio by, and are used again.
 */
const freeTabs: Page[] = [];

async function openTab(): Promise<Page> {
  const tab = await stage.tab();
  await tab.goto(`${stage.pages.origin}/whep.html`);
  await tab.evaluate('new AudioContext().resume()');
  return tab;
}

async function open(name: string, kinds: readonly ('video' | 'audio')[], only?: string): Promise<Viewer> {
  const offered = only === undefined ? { kinds } : { kinds, only };
  const tab = freeTabs.pop() ?? (await openTab());
  return watch(tab, stage.pages.origin, `${stage.sluice.rest}/whep/${name}`, offered);
}

async function close(...viewers: readonly Viewer[]): Promise<void> {
  for (const { page } of viewers) {
    assert.equal(await page.evaluate('leave()'), 200);
    freeTabs.push(page);
  }
}

/** The tone is heard, with hardly anything concealed; no packet of it is lost. */
async function hears(t: TestContext, viewer: Viewer): Promise<void> {
  await until('half a second of audio', async () => (await viewer.stats()).audioSamples > 24_000);
  await judged(t, {
    async measure() {
      const first = await viewer.stats();
      const heardHz: number = await viewer.page.evaluate('reception.toneHz()');
      const last = await viewer.stats();
      const samples = last.audioSamples - first.audioSamples;
      return { heardHz, concealed: (last.concealedSamples - first.concealedSamples) / samples };
    },
    isGood: ({ heardHz, concealed }) => Math.abs(heardHz - toneHz) <= 5 && concealed <= 0.05,
    windows: 6,
    words: ({ heardHz, concealed }) => `the tone is ${heardHz} Hz, ${(concealed * 100).toFixed(1)} % concealed`,
  });
  assert.equal((await viewer.stats()).audioPacketsLost, 0);
}

describe('a tone', { concurrency: atOnce }, () => {
  for (const { name, codec, sampleRateHz, channels } of tones) {
    test(`audio alone: ${codec} of ${sampleRateHz} Hz and ${channels} channel(s) has its tone in Chromium`, async (t) => {
      await whenStatus(stage.sluice, name, 'PROCESSED_REMOTE');
      const viewer = await open(name, ['audio']);
      await hears(t, viewer);
      const { audioPath } = await statsOf(stage.sluice, name);
      assert.deepEqual([audioPath.kind, audioPath.reason, audioPath.decodeErrors], ['transcode', codec, 0]);
      await close(viewer);
    });
  }

  for (const [name, law, way] of [
    ['pcm_alaw-8000-1', 'PCMA', 'pass'],
    ['pcm_mulaw-8000-1', 'PCMU', 'pass'],
    ['pcm_alaw-8000-1', 'PCMU', 'transcode'],
    ['aac-44100-2', 'PCMA', 'transcode'],
  ] as const) {
    test(`a viewer that takes only ${law} hears ${name} (${way}), beside one that takes Opus`, async (t) => {
      await whenStatus(stage.sluice, name, 'PROCESSED_REMOTE');
      const [viewer, other] = [await open(name, ['audio'], `audio/${law}`), await open(name, ['audio'])];
      await Promise.all([viewer, other].map((one) => hears(t, one)));
      const { otherAudio, audioPath, viewers } = await statsOf(stage.sluice, name);
      const made = otherAudio.find(({ codec }) => codec === law);
      assert.deepEqual([made?.kind, made?.decodeErrors], [way, 0]);
      assert.equal(audioPath.kind, 'transcode');
      const sentTo = ({ session }: Viewer) => viewers.find(({ viewerId }) => session.endsWith(viewerId))?.audioCodec;
      assert.deepEqual([viewer, other].map(sentTo), [law, 'Opus']);
      assert.deepEqual(
        [(await viewer.stats()).audioCodec, (await other.stats()).audioCodec],
        [`audio/${law}`, 'audio/opus'],
      );
      await close(viewer, other);
    });
  }

  test('audio alone plays on the page of the server', async () => {
    const page = await stage.tab();
    await page.goto(`${stage.sluice.rest}/player?name=${tones[0]?.name}`);
    const playedS = (): Promise<number> => page.evaluate('document.querySelector("video").currentTime');
    await until('a second has played', async () => (await playedS()) > 1);
    await page.context().close();
  });

  for (const [audio, way] of [
    ['libopus', 'pass'],
    ['flac', 'transcode'],
    ['ac3', 'transcode'],
  ] as const) {
    test(`video and audio of Enhanced RTMP: ${audio} has its tone in Chromium`, async (t) => {
      const publisher = await publishEnhanced(enhanced.url(audio), { video: 'libx264', audio });
      t.after(() => publisher.stop());
      await pull(stage.sluice, enhanced.url(audio), audio);
      await whenStatus(stage.sluice, audio, 'PROCESSED_REMOTE');
      const viewer = await open(audio, ['video', 'audio']);
      await hears(t, viewer);
      assert.equal((await statsOf(stage.sluice, audio)).audioPath.kind, way);
      assert.ok((await viewer.stats()).framesDecoded > 10);
      await close(viewer);
    });
  }

  test('a stream without audio plays; of one with both, a pull takes only the track that it asks for', async (t) => {
    const { nginx, sluice } = stage;
    const [silent, whole] = await Promise.all([
      publish(nginx.url('silent'), { ...small, hasAudio: false }),
      publish(nginx.url('whole'), small),
    ]);
    t.after(() => Promise.all([silent.stop(), whole.stop()]));
    const plays = async (name: string, wanted: { hasAudio?: boolean; hasVideo?: boolean }) => {
      const source = name === 'silent' ? 'silent' : 'whole';
      assert.equal((await pull(sluice, nginx.url(source), name, wanted)).status, 200);
      const listed = await whenStatus(sluice, name, 'PROCESSED_REMOTE');
      const viewer = await open(name, wanted.hasVideo === false ? ['audio'] : ['video', 'audio']);
      return { listed, viewer };
    };

    const mute = await plays('silent', {});
    await until('a second of frames', async () => (await mute.viewer.stats()).framesDecoded > 25);
    assert.equal((await mute.viewer.stats()).audioSamples, 0);
    await close(mute.viewer);

    const seen = await plays('seen', { hasAudio: false });
    assert.deepEqual([seen.listed.hasAudio, seen.listed.hasVideo], [false, true]);
    await until('a second of frames', async () => (await seen.viewer.stats()).framesDecoded > 25);
    assert.equal((await seen.viewer.stats()).audioSamples, 0);
    assert.equal((await statsOf(sluice, 'seen')).audioFrames, 0);
    await close(seen.viewer);
    assert.equal((await sluice.post('/rest-api/pull/rtmp/terminate', { uri: nginx.url('whole') })).status, 200);

    const heard = await plays('heard', { hasVideo: false });
    assert.deepEqual([heard.listed.hasAudio, heard.listed.hasVideo], [true, false]);
    await hears(t, heard.viewer);
    assert.equal((await statsOf(sluice, 'heard')).videoFrames, 0);
    await close(heard.viewer);
  });
});
