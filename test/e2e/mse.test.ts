/** What plays a stream as fragmented MP4: Chromium by /mse, hls.js and ffmpeg by /hls. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, setStage } from '../support/browser/stage.js';
import { judged } from '../support/judged.js';
import { makeVideoTags, type VideoMaking } from '../support/media/coded-video.js';
import { probeFile } from '../support/recording/probe.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publishClock } from '../support/source/clock-publisher.js';
import { encodeEnhanced } from '../support/source/enhanced-audio.js';
import { type Loop, loopOf, startLiveOrigin } from '../support/source/live-origin.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

interface Report {
  readonly phase: string;
  readonly reason: string;
  readonly firstFrameMs: number | null;
  readonly frames: number;
  readonly dropped: number;
  readonly audioBytes: number;
  readonly width: number;
  readonly height: number;
  readonly playedS: number;
  readonly bufferedMs: number;
  readonly ranges: number;
}

let stage: Stage;

before(async () => {
  stage = await setStage();
  const { nginx, sluice } = stage;
  const [b, clock] = await Promise.all([
    publish(nginx.url('b'), { size: '640x360', bitrateKbps: 1000, bFrames: 2 }),
    publishClock(nginx.url('clock'), { gopSeconds: 2 }),
  ]);
  stage.onEnd(() => Promise.all([b.stop(), clock.stop()]));
  for (const name of ['b', 'clock']) assert.equal((await pull(sluice, nginx.url(name), name)).status, 200);
  for (const name of ['b', 'clock']) await whenStatus(sluice, name, 'PROCESSED_REMOTE', 45_000);
});
after(() => stage.end());

/** Median age of nine frames that are shown. */
async function ageOf(page: Page): Promise<number> {
  const ages: number[] = [];
  while (ages.length < 9) {
    const found: number | null = await page.evaluate('player.frameAgeMs()');
    if (found !== null) ages.push(found);
  }
  return ages.sort((a, b) => a - b)[4] ?? Number.NaN;
}

const reportOf = (page: Page): Promise<Report> => page.evaluate('player.report()');

async function play(name: string): Promise<Page> {
  const { sluice, pages } = stage;
  const page = await stage.tab();
  const query = new URLSearchParams({
    client: sluice.rest,
    endpoint: `${sluice.rest}/mse/${encodeURIComponent(name)}`,
  });
  await page.goto(`${pages.origin}/mse.html?${query}`);
  await page.waitForFunction('window.player !== undefined');
  return page;
}

/** Two groups of 30 frames, over and over. */
async function shown(making: VideoMaking): Promise<Loop> {
  return loopOf('video', await makeVideoTags({ frames: 61, gop: 30, ...making }), 1000 / 30);
}

interface HlsReport {
  readonly errors: readonly string[];
  readonly latencyS: number;
  readonly frames: number;
  readonly audioBytes: number;
  readonly playedS: number;
}

/** By itself: tabs that start beside it hold its own up, and what was late is late for a while. */
test('what Chromium shows by WebSocket is young', async (t) => {
  const page = await play('clock');
  await until('two seconds', async () => (await reportOf(page)).frames > 90);
  const ageMs = await judged(t, {
    async measure() {
      const { playedS } = await reportOf(page);
      await until('a second more', async () => (await reportOf(page)).playedS > playedS + 1);
      return ageOf(page);
    },
    isGood: (foundMs) => foundMs <= 300,
    words: (foundMs) => `the frame is ${foundMs} ms old`,
  });
  t.diagnostic(`first frame after ${(await reportOf(page)).firstFrameMs?.toFixed(0)} ms, then ${ageMs} ms old`);
  await page.context().close();
});

/** Two at a time leave each its core. */
describe('fragmented MP4', { concurrency: 2 }, () => {
  test('Chromium plays a stream with B-frames and sound by WebSocket, as the source coded it, and every frame', async (t) => {
    const page = await play('b');
    await until('the first frames', async () => (await reportOf(page)).frames > 30);
    const first = await reportOf(page);
    await judged(t, {
      measure: async () => {
        const from = await reportOf(page);
        await until('three seconds more', async () => (await reportOf(page)).playedS > from.playedS + 3);
        const to = await reportOf(page);
        return (to.frames - from.frames) / (to.playedS - from.playedS);
      },
      isGood: (fps) => fps > 28 && fps < 32,
      words: (fps) => `${fps.toFixed(1)} frames a second of media`,
    });
    const last = await reportOf(page);
    t.diagnostic(JSON.stringify({ first, last }));
    assert.equal(last.phase, 'playing', last.reason);
    assert.deepEqual([last.width, last.height, last.ranges], [640, 360, 1]);
    assert.ok(last.audioBytes > first.audioBytes);
    await page.context().close();
  });

  test('Chromium goes on by WebSocket where the source changes its size and its codec: AV1, VP9, HEVC as far as it has it', async (t) => {
    const { sluice } = stage;
    const tone = { codec: 'AAC', wave: '0.2*sin(440*2*PI*t)', rateHz: 48_000, channels: 2, seconds: 2 } as const;
    const sound = loopOf('audio', encodeEnhanced(tone), 1024 / 48);
    const origin = await startLiveOrigin(await shown({ codec: 'H264' }), sound);
    stage.onEnd(() => origin.close());
    assert.equal((await pull(sluice, origin.uri, 'changing')).status, 200);
    await whenStatus(sluice, 'changing', 'PROCESSED_REMOTE');
    const page = await play('changing');
    const plays = (width: number) =>
      until(`${width} pixels`, async () => {
        const from = await reportOf(page);
        return from.width === width && until('frames', async () => (await reportOf(page)).frames > from.frames + 15);
      });
    await plays(320);
    const codecs = [
      { codec: 'H264', width: 640, height: 360 },
      { codec: 'AV1', width: 320, height: 180 },
      { codec: 'VP9', width: 640, height: 360 },
    ] as const;
    for (const making of codecs) {
      origin.become({ video: await shown(making) });
      await plays(making.width);
      t.diagnostic(JSON.stringify({ ...making, ...(await reportOf(page)) }));
    }
    const { phase, audioBytes } = await reportOf(page);
    assert.equal(phase, 'playing');
    assert.ok(audioBytes > 0);
    const hasHevc = await page.evaluate(`MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L60.90"')`);
    origin.become({ video: await shown({ codec: 'HEVC', width: 320, height: 180 }) });
    if (hasHevc === true) await plays(320);
    else {
      await until('it says so', async () => (await reportOf(page)).phase === 'failed');
      assert.match((await reportOf(page)).reason, /does not play video\/mp4; codecs="hvc1/);
    }
    await page.context().close();
  });

  test('hls.js plays at low latency, by parts', async (t) => {
    const { sluice, pages } = stage;
    const page = await stage.tab();
    await page.goto(
      `${pages.origin}/hls.html?${new URLSearchParams({ source: `${sluice.rest}/hls/clock/index.m3u8` })}`,
    );
    await page.waitForFunction('window.player !== undefined');
    const report = (): Promise<HlsReport> => page.evaluate('player.report()');
    await until('five seconds', async () => (await report()).frames > 150);
    // One that was held up as it began plays faster until it is not late any more.
    const ageMs = await until('a frame is two seconds old at most', async () => {
      const foundMs = await ageOf(page);
      return foundMs <= 2000 && foundMs;
    });
    const {
      sluice: { rest },
    } = stage;
    const listed: readonly { readonly protocol: string; readonly isConnected: boolean; readonly bytesSent: number }[] =
      JSON.parse(await (await fetch(`${rest}/api/viewers?stream=clock`)).text());
    const byHls = listed.filter(({ protocol }) => protocol === 'hls');
    assert.equal(byHls.length, 1, JSON.stringify(listed));
    assert.ok(byHls[0]?.isConnected === true && byHls[0].bytesSent > 100_000, JSON.stringify(byHls));
    const last = await report();
    t.diagnostic(`${ageMs} ms old; ${JSON.stringify(last)}`);
    assert.deepEqual(
      last.errors.filter((error) => error.includes('fatal')),
      [],
    );
    await page.context().close();
  });

  test('a player of plain HLS plays segments, with picture and sound, and caches may keep them', async () => {
    const { sluice } = stage;
    const file = await probeFile(`${sluice.rest}/b/b.m3u8`, ['-t', '4']);
    assert.equal(file.errors, '');
    assert.ok(file.video !== null && file.audio !== null);
    assert.deepEqual([file.video.codec, file.audio.codec], ['h264', 'aac']);
    const playlist = await fetch(`${sluice.rest}/hls/b/media.m3u8`);
    assert.equal(playlist.headers.get('content-type'), 'application/vnd.apple.mpegurl');
    const [segment] = /^[0-9a-f]+-\d+\.m4s$/m.exec(await playlist.text()) ?? [];
    const media = await fetch(`${sluice.rest}/hls/b/${segment}`);
    assert.deepEqual([media.status, media.headers.get('cache-control')], [200, 'public, max-age=3600, immutable']);
    assert.equal((await fetch(`${sluice.rest}/hls/b/00000000-1.m4s`)).status, 404);
    assert.equal((await fetch(`${sluice.rest}/hls/nobody/index.m3u8`)).status, 404);
    assert.equal((await fetch(`${sluice.rest}/hls/b/media.m3u8?_HLS_msn=99999`)).status, 400);
  });
});
