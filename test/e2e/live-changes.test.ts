/**
 * A source that becomes another while Chromium watches: the video is back within one GOP, audio that appears is
 * heard at once, and all in the same session of the same actor.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { assertTone, type Viewer, watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { recordEnhanced } from '../support/source/enhanced-recording.js';
import { encodeFlv } from '../support/source/flv-file.js';
import { type LiveOrigin, type Loop, loopOf, startLiveOrigin } from '../support/source/live-origin.js';
import { until } from '../support/until.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

const fps = 25;
const gopMs = 1000;
const audioMs = 200;
const toneHz = 440;
let stage: Stage;
let hevc: Loop;

before(async () => {
  stage = await setStage();
  hevc = loopOf('video', await recordEnhanced({ video: 'libx265', audio: 'libopus' }), 1000 / fps);
});
after(() => stage.end());

const h264 = (size: string): Loop => {
  const frame = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`, '-t', '3.2'];
  const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'];
  return loopOf('video', encodeFlv([...frame, ...coding, '-g', String(fps), '-b:v', '500k']), 1000 / fps);
};

/** 150 frames, in which the tone comes round. */
const aac = (): Loop => {
  const tone = ['-f', 'lavfi', '-i', `sine=frequency=${toneHz}:sample_rate=48000`, '-t', '3.2', '-c:a', 'aac'];
  return loopOf('audio', encodeFlv(tone), 1024 / 48);
};

async function play(name: string, origin: LiveOrigin): Promise<Viewer> {
  stage.onEnd(() => origin.close());
  const { sluice, pages } = stage;
  assert.equal((await pull(sluice, origin.uri, name)).status, 200);
  await whenStatus(sluice, name, 'PROCESSED_REMOTE');
  const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/${name}`);
  await until('the first second', async () => (await viewer.stats()).framesDecoded > fps);
  return viewer;
}

/** The same session, of an actor that was never started again. */
async function assertUntouched(name: string, viewer: Viewer): Promise<void> {
  const broken = (await viewer.states()).filter((state) => /failed|closed|disconnected/.test(state));
  assert.deepEqual(broken, []);
  const listed = JSON.parse(await (await fetch(`${stage.sluice.rest}/api/streams`)).text());
  const own = listed.find((one: { name: string }) => one.name === name);
  assert.equal(own.restarts, 0);
  assert.equal((await statsOf(stage.sluice, name)).reconnects, 0);
}

/** Debian's Chromium takes no HEVC: it gets a rendition in the same session. */
const cases = [
  { what: 'another size of H.264', next: () => h264('320x180'), renditions: 0 },
  { what: 'HEVC', next: () => hevc, renditions: 1 },
] as const;

for (const { what, next, renditions } of cases) {
  test(`H.264 becomes ${what}, and itself again: the video is back within one GOP`, async (t) => {
    const name = what.split(' ')[0] ?? '';
    const [wide, other] = [h264('640x360'), next()];
    const origin = await startLiveOrigin(wide, aac());
    const viewer = await play(name, origin);
    const change = async (video: Loop, width: number): Promise<number> => {
      const atMs = origin.become({ video });
      await until(`frames of width ${width}`, async () => (await viewer.stats()).width === width);
      return performance.now() - atMs;
    };
    const tookMs = await judged(t, {
      async measure() {
        const there = await change(other, 320);
        assert.equal((await statsOf(stage.sluice, name)).renditions.length, renditions);
        return [there, await change(wide, 640)];
      },
      isGood: (both) => both.every((ms) => ms <= gopMs),
      words: (both) => `${both.join(' and ')} ms`,
    });
    t.diagnostic(`${tookMs.map((ms) => ms.toFixed(0)).join(' and ')} ms`);
    const before = await viewer.stats();
    await until('a second more', async () => (await viewer.stats()).framesDecoded - before.framesDecoded >= fps);
    await assertTone(t, viewer, toneHz);
    await assertUntouched(name, viewer);
    await viewer.page.context().close();
  });
}

test('audio that appears later is sent within 200 ms and heard; where it vanishes, the video goes on', async (t) => {
  let streams = 0;
  const tone = aac();
  const frame = h264('320x180');
  // A stream of its own each time: only the first audio of one has its codecs to load.
  const appear = async () => {
    streams += 1;
    const name = `mute-${streams}`;
    const origin = await startLiveOrigin(frame, null);
    const viewer = await play(name, origin);
    const guest = await joinWhep(`${stage.sluice.rest}/whep/${name}`);
    t.after(() => guest.close());
    await guest.whenVideo(10);
    assert.equal((await viewer.stats()).audioSamples, 0);
    const atMs = origin.become({ audio: tone });
    await until('audio', () => guest.audio().length > 0);
    return { name, origin, viewer, tookMs: performance.now() - atMs };
  };
  const { name, origin, viewer, tookMs } = await judged(t, {
    measure: appear,
    isGood: (seen) => seen.tookMs <= audioMs,
    words: (seen) => `audio after ${seen.tookMs} ms`,
  });
  t.diagnostic(`audio after ${tookMs.toFixed(0)} ms`);
  await until('half a second of audio', async () => (await viewer.stats()).audioSamples > 24_000);
  await assertTone(t, viewer, toneHz);
  origin.become({ audio: null });
  const before = await viewer.stats();
  await until('two seconds more', async () => (await viewer.stats()).framesDecoded - before.framesDecoded >= 2 * fps);
  await assertUntouched(name, viewer);
});
