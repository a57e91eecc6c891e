import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ageMs, blockSize, parseStamp, stampBlocks } from '../../actors/demo/stamp.js';
import { settingsSchema } from '../../src/config/schema.js';
import { type Demo, startDemo } from '../../src/supervisor/demo.js';
import { seeAndHear } from '../support/browser/ffmpeg-eyes.js';
import { toneLevel } from '../support/media/opus.js';
import { beepsBehind, median } from '../support/source/flash-and-beep.js';

const run = promisify(execFile);
const entry = pathToFileURL('.build/dist/actors/demo.cjs');
const width = 640;
const height = 360;
const fps = 30;
/** Within the square that flashes (actors/demo/test-pattern.ts). */
const flash = { left: 580, top: 300, width: 30, height: 30 };
const maxOutputBytes = 134_217_728;

let demo: Demo;

before(async () => {
  const settings = settingsSchema.parse({ demo: { width, height, fps } });
  const started = await startDemo({
    register() {},
    settings,
    entry,
    log: () => {},
  });
  demo = started ?? assert.fail('the demo does not run here');
});
after(() => demo.stop());

const ffmpeg = async (args: readonly string[]): Promise<Buffer> => {
  const options = { encoding: 'buffer', maxBuffer: maxOutputBytes, timeout: 30_000 } as const;
  return (
    await run(
      'ffmpeg',
      ['-hide_banner', '-loglevel', 'error', '-analyzeduration', '500000', '-i', demo.uri, ...args, 'pipe:1'],
      options,
    )
  ).stdout;
};

describe('what its players get', { concurrency: true }, () => {
  test('ffprobe finds H.264 baseline without B-frames and AAC', async () => {
    const fields = 'stream=codec_name,profile,width,height,has_b_frames,sample_rate,channels';
    const args = ['-v', 'error', '-of', 'json', '-show_entries', fields, demo.uri];
    const { streams } = JSON.parse((await run('ffprobe', args, { timeout: 30_000 })).stdout);
    const video = streams.find((stream: { codec_name: string }) => stream.codec_name === 'h264');
    const audio = streams.find((stream: { codec_name: string }) => stream.codec_name === 'aac');
    assert.deepEqual(
      [video.profile, video.width, video.height, video.has_b_frames],
      ['Constrained Baseline', width, height, 0],
    );
    assert.deepEqual([audio.profile, audio.sample_rate, audio.channels], ['LC', '48000', 1]);
  });

  test('ffmpeg decodes every frame, each with the time at which it was made', async () => {
    const frames = 90;
    const luma = await ffmpeg([
      '-an',
      '-fps_mode',
      'passthrough',
      '-frames:v',
      String(frames),
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
    ]);
    const nowMs = Date.now();
    const stamps = Array.from({ length: luma.length / (width * height) }, (_, n) => stampAt(luma, n * width * height));
    assert.equal(stamps.length, frames);
    const ages = stamps.map((stamp) => ageMs(stamp ?? assert.fail('a frame without a stamp'), nowMs));
    const steps = ages.slice(1).map((age, n) => Math.round((ages[n] ?? 0) - age));
    assert.ok(
      steps.every((step) => step === 33 || step === 34),
      `steps of ${steps.join(' ')} ms`,
    );
    assert.ok((ages.at(-1) ?? 0) < 2000, `the newest is ${ages.at(-1)} ms old`);
  });

  test('the audio is a tone of 440 Hz with a beep of 1 kHz in each second', async () => {
    const pcm = await ffmpeg(['-vn', '-t', '3', '-f', 'f32le', '-ac', '1', '-ar', '48000']);
    const samples = new Float32Array(pcm.buffer, pcm.byteOffset, Math.floor(pcm.length / 4)).subarray(4800);
    const windows = windowsOf(samples, 2400);
    const beeps = windows.filter((window) => toneLevel(window, 1000) > 0.35);
    const backgrounds = windows.filter((window) => toneLevel(window, 1000) < 0.02);
    // 50 ms each: a beep of 100 ms fills one or two of them, its edges spoil two at most.
    assert.ok(beeps.length >= 2 && beeps.length <= 6, `${beeps.length} of ${windows.length} windows beep`);
    assert.ok(backgrounds.length >= 44, `${backgrounds.length} of ${windows.length} windows are background`);
    for (const window of backgrounds) assert.ok(Math.abs(toneLevel(window, 440) - 0.05) < 0.02);
  });

  test('each beep begins with its flash', async () => {
    const found = await seeAndHear(demo.uri, 6, `crop=${flash.width}:${flash.height}:${flash.left}:${flash.top}`);
    const behind = beepsBehind(found, 1000);
    assert.ok(behind.length >= 4, `${behind.length} beeps`);
    assert.ok(Math.abs(median(behind)) <= 2, `${median(behind)} ms behind`);
  });
});

test('a player that comes after all others have gone gets video again', async () => {
  for (let n = 0; n < 2; n += 1) {
    const luma = await ffmpeg(['-an', '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'gray']);
    assert.ok(ageMs(stampAt(luma, 0) ?? assert.fail('no stamp'), Date.now()) < 3000);
  }
});

function stampAt(luma: Buffer, offset: number): number | null {
  const size = blockSize(width);
  const middle = offset + Math.floor(size / 2) * width + Math.floor(size / 2);
  return parseStamp(Array.from({ length: stampBlocks }, (_, n) => (luma[middle + n * size] ?? 0) > 128));
}

function windowsOf(samples: Float32Array, length: number): Float32Array[] {
  return Array.from({ length: Math.floor(samples.length / length) }, (_, n) =>
    samples.subarray(n * length, (n + 1) * length),
  );
}
