/**
 * Lips and audio by stamps and reports alone (docs/media.md 9), from a publisher through the whole server to a viewer without a
 * browser. What ffmpeg makes of the same stream at the same time is the truth: the source's own encoders may be out.
 */
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { settingsSchema } from '../../src/config/schema.js';
import { startDemo } from '../../src/supervisor/demo.js';
import { seeAndHear } from '../support/browser/ffmpeg-eyes.js';
import type { Child } from '../support/server/child.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { beepsBehind, median } from '../support/source/flash-and-beep.js';
import { startNginx } from '../support/source/nginx.js';
import { startNodeMediaServer } from '../support/source/node-media-server.js';
import { publish, publishEnhanced } from '../support/source/publisher.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { until } from '../support/until.js';
import { watchFlashes } from '../support/viewer/lip-sync-viewer.js';
import type { StreamViewer } from '../support/viewer/stream-viewer.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

const small = { size: '320x180', gopFrames: 30, bitrateKbps: 300, hasFlashes: true } as const;
const watchedSeconds = 10;
/** Within the square that flashes (actors/demo/test-pattern.ts). */
const demoFlash = { left: 0.905, top: 0.82, width: 0.04, height: 0.09 };
const limitMs = 5;
let nginx: RtmpServer;
let nms: RtmpServer;
let sluice: RunningSluice;

before(async () => {
  [nginx, nms, sluice] = await Promise.all([startNginx(), startNodeMediaServer(), startSluice()]);
});
after(() => Promise.all([nginx.stop(), nms.stop(), sluice.stop()]));

interface Case {
  readonly name: string;
  readonly what: string;
  /** Gives where it publishes, and itself. */
  readonly publish: (name: string) => Promise<readonly [string, Child]>;
  readonly ways: readonly [frame: string, audio: string];
  /** By how much the beeps are later than the flashes where they are made. */
  readonly lateMs: number;
  /** Debian's ffmpeg reads no Enhanced RTMP: what the one clock of its making says is the truth there. */
  readonly isReadByFfmpeg: boolean;
}

const classic =
  (options: object): Case['publish'] =>
  async (name) => [nginx.url(name), await publish(nginx.url(name), { ...small, ...options })];

const cases: readonly Case[] = [
  {
    name: 'aac44',
    what: 'H.264 and AAC of 44.1 kHz',
    publish: classic({ sampleRateHz: 44_100 }),
    ways: ['pass', 'transcode'],
    lateMs: 0,
    isReadByFfmpeg: true,
  },
  {
    name: 'aac48',
    what: 'H.264 and AAC of 48 kHz',
    publish: classic({ sampleRateHz: 48_000 }),
    ways: ['pass', 'transcode'],
    lateMs: 0,
    isReadByFfmpeg: true,
  },
  {
    // Whatever the source does, so do we: the measure would see a beep that is 60 ms late.
    name: 'b',
    what: 'H.264 with B-frames, encoded again, and AAC that is 60 ms late',
    publish: classic({ bFrames: 3, beepLateMs: 60 }),
    ways: ['reencode', 'transcode'],
    lateMs: 60,
    isReadByFfmpeg: true,
  },
  {
    name: 'opus',
    what: 'H.264 and Opus, passed through',
    ways: ['pass', 'pass'],
    lateMs: 0,
    isReadByFfmpeg: false,
    publish: async (name) => {
      const codecs = { video: 'libx264', audio: 'libopus', scene: 'flashes' } as const;
      return [nms.url(name), await publishEnhanced(nms.url(name), codecs)];
    },
  },
];

async function watchedAs(t: TestContext, name: string, url: string): Promise<StreamViewer> {
  assert.equal((await pull(sluice, url, name)).status, 200);
  await whenStatus(sluice, name, 'PROCESSED_REMOTE');
  const viewer = await joinWhep(`${sluice.rest}/whep/${name}`);
  t.after(() => viewer.close());
  return viewer;
}

const listed = (offsetsMs: readonly number[]): string => offsetsMs.map((ms) => ms.toFixed(1)).join(' ');

/** Each mostly waits for its beeps, and no clock judges them. */
describe('what the stamps say', { concurrency: true }, () => {
  for (const { name, what, publish: start, ways, lateMs, isReadByFfmpeg } of cases) {
    test(`${what}: beeps lie within ${limitMs} ms of their flashes by RTP times and sender reports`, async (t) => {
      const [url, publisher] = await start(name);
      t.after(() => publisher.stop());
      const viewer = await watchedAs(t, name, url);
      const [watched, truth] = await Promise.all([
        watchFlashes(viewer, watchedSeconds),
        isReadByFfmpeg ? seeAndHear(url, watchedSeconds) : null,
      ]);
      const stats = await statsOf(sluice, name);
      assert.deepEqual([stats.videoPath.kind, stats.audioPath.kind], ways);
      const ours = beepsBehind(watched);
      assert.ok(ours.length >= watchedSeconds, `${ours.length} beeps`);
      const theirs = truth === null ? null : beepsBehind(truth);
      if (theirs !== null) assert.ok(theirs.length >= watchedSeconds, `ffmpeg found ${theirs.length} beeps`);
      const sourceMs = theirs === null ? 0 : median(theirs);
      t.diagnostic(
        `median ${median(ours).toFixed(2)} ms, ${listed(ours)}; the source itself ${sourceMs.toFixed(2)} ms`,
      );
      assert.ok(Math.abs(sourceMs - lateMs) <= 1, `the source is ${sourceMs} ms out`);
      assert.ok(Math.abs(median(ours) - sourceMs) <= limitMs, `${median(ours)} against ${sourceMs} ms`);
    });
  }

  test(`the demo: beeps lie within ${limitMs} ms of their flashes by RTP times and sender reports`, async (t) => {
    const settings = settingsSchema.parse({ demo: { width: 640, height: 360, fps: 30 } });
    const entry = pathToFileURL('.build/dist/actors/demo.cjs');
    const demo =
      (await startDemo({
        register() {},
        settings,
        entry,
        log: () => {},
      })) ?? assert.fail('no demo runs here');
    t.after(() => demo.stop());
    const viewer = await watchedAs(t, 'demo', demo.uri);
    const behind = beepsBehind(await watchFlashes(viewer, watchedSeconds, demoFlash), 1000);
    t.diagnostic(`median ${median(behind).toFixed(2)} ms, ${listed(behind)}`);
    assert.ok(behind.length >= watchedSeconds - 2, `${behind.length} beeps`);
    assert.ok(Math.abs(median(behind)) <= limitMs, `${median(behind)} ms behind`);
  });

  test('behind the death of the thread beeps lie where they lay, for the viewer that outlives it', async (t) => {
    const [url, publisher] = await classic({ sampleRateHz: 44_100 })('mortal');
    t.after(() => publisher.stop());
    const viewer = await watchedAs(t, 'mortal', url);
    await until('audio', () => viewer.audio().length >= 50);
    await sluice.post('/api/fault', { name: 'mortal', fault: 'throw' });
    await sluice.logged('viewers.handedOver');
    const [audio, video] = [viewer.audio().length, viewer.video().length];
    const behind: StreamViewer = {
      ...viewer,
      audio: () => viewer.audio().slice(audio),
      video: () => viewer.video().slice(video),
    };
    const ours = beepsBehind(await watchFlashes(behind, 6));
    t.diagnostic(`median ${median(ours).toFixed(2)} ms, ${listed(ours)}`);
    assert.ok(ours.length >= 4, `${ours.length} beeps`);
    assert.ok(Math.abs(median(ours)) <= 40, `${median(ours)} ms behind`);
  });
});
