/**
 * What a source sends, as it stands in the finished file: each codec, every frame, in sync; and sources that change, go away, or
 * jump in time while they are recorded.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { SourceCodec } from '../../../src/core/codec/video-codecs.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import { decodedAudio } from '../../support/media/coded-audio.js';
import { makeVideoTags, type VideoMaking } from '../../support/media/coded-video.js';
import { flashesAndBeeps, type ProbedFile, probeFile } from '../../support/recording/probe.js';
import { interleaved, type RecordedFile, recordTags } from '../../support/recording/recorded-tags.js';
import { encodeEnhanced } from '../../support/source/enhanced-audio.js';
import { beepsBehind } from '../../support/source/flash-and-beep.js';
import type { FlvTag } from '../../support/source/flv-file.js';

const seconds = 4;
const fps = 30;
const frames = seconds * fps;
/** Twice a second: white for three frames of fifteen, and a tone of as long. */
const flashing = (width: number, height: number): readonly Uint8Array[] =>
  Array.from({ length: 15 }, (_, n) => {
    const frame = new Uint8Array((width * height * 3) / 2).fill(128);
    return frame.fill(n < 3 ? 235 : 16, 0, width * height);
  });
const wave = '0.5*sin(1000*2*PI*t)*lt(mod(t,0.5),0.1)';

async function flashes(making: Partial<VideoMaking> & Pick<VideoMaking, 'codec'>): Promise<FlvTag[]> {
  const { width = 320, height = 180 } = making;
  return makeVideoTags({ frames, gop: fps, raw: flashing(width, height), ...making });
}

type Beeps = 'AAC' | 'Opus' | 'FLAC' | 'MP3' | 'AC-3';
const beeps = (codec: Beeps): FlvTag[] => encodeEnhanced({ codec, wave, rateHz: 48_000, channels: 2, seconds });

/** Time at which the first picture is shown: B-frames put it behind the first stamp. */
function firstShownMs(video: readonly FlvTag[]): number {
  for (const { timestampMs, body } of video) {
    const tag = parseVideoTag(body);
    if (tag.kind === 'frame') return timestampMs + tag.compositionTimeMs;
  }
  throw new Error('no frame');
}
const later = (tags: readonly FlvTag[], byMs: number): FlvTag[] =>
  tags.map((tag) => ({ ...tag, timestampMs: Math.round(tag.timestampMs + byMs) }));
/** Video and audio that begin at the same moment. */
const together = (video: readonly FlvTag[], audio: readonly FlvTag[]): readonly FlvTag[] =>
  interleaved(video, later(audio, firstShownMs(video)));

async function judge(t: TestContext, file: RecordedFile | undefined, expectedFrames: number): Promise<ProbedFile> {
  assert.ok(file !== undefined);
  const { part, path } = file;
  const probed = await probeFile(path);
  t.diagnostic(JSON.stringify(probed));
  assert.equal(probed.errors, '');
  assert.equal(probed.video?.packets, expectedFrames, 'frames');
  assert.ok(Math.abs(probed.durationMs - part.durationMs) <= 100, `${probed.durationMs} of ${part.durationMs} ms`);
  const behindMs = beepsBehind(await flashesAndBeeps(path));
  t.diagnostic(`beeps come ${behindMs.map((ms) => ms.toFixed(0)).join(', ')} ms behind their flashes`);
  assert.ok(behindMs.length >= 3 && behindMs.every((ms) => Math.abs(ms) <= 40), `${behindMs}`);
  return probed;
}

const pairs: readonly (readonly [SourceCodec, Beeps, readonly [string, string]])[] = [
  ['H264', 'AAC', ['h264', 'aac']],
  ['HEVC', 'Opus', ['hevc', 'opus']],
  ['AV1', 'MP3', ['av1', 'mp3']],
  ['VP9', 'FLAC', ['vp9', 'flac']],
];
for (const [codec, audio, named] of pairs) {
  test(`${codec} with ${audio}: every frame, as long as it was, decoded without a word, in sync`, async (t) => {
    const video = await flashes({ codec, bFrames: codec === 'H264' || codec === 'HEVC' ? 2 : 0 });
    const [file, ...others] = await recordTags(t, [{ tags: together(video, beeps(audio)) }]);
    assert.equal(others.length, 0);
    const probed = await judge(t, file, frames);
    assert.deepEqual([probed.video?.codec, probed.audio?.codec], named);
    assert.ok(Math.abs(probed.durationMs - seconds * 1000) <= 100, `${probed.durationMs} ms`);
  });
}

const others = decodedAudio.filter(({ codec, rateHz }) => {
  if (codec === 'Nellymoser' || codec === 'PCM') return rateHz > 20_000;
  return codec === 'Speex' || codec === 'PCMA' || codec === 'ADPCM';
});
for (const { name, encode } of others) {
  test(`${name}, for which MP4 has no place that players know, is recorded as AAC, in sync`, async (t) => {
    const video = await flashes({ codec: 'H264' });
    const [file] = await recordTags(t, [{ tags: together(video, encode(wave, seconds)) }]);
    const probed = await judge(t, file, frames);
    assert.equal(probed.audio?.codec, 'aac');
    assert.equal(file?.part.audioCodec, 'AAC');
    // One message of G.711 is 128 ms: while the first comes the encoder is loaded.
    assert.ok((probed.audio?.durationMs ?? 0) > seconds * 1000 - 250, `${probed.audio?.durationMs} ms of audio`);
  });
}

test('another size and another codec begin another file, and no frame is lost between them', async (t) => {
  const small = await flashes({ codec: 'H264' });
  const large = await flashes({ codec: 'H264', width: 640, height: 360 });
  const other = await flashes({ codec: 'HEVC' });
  const sound = beeps('AAC');
  const all = [small, large, other].map((video, n) => later(together(video, sound), n * seconds * 1000));
  const files = await recordTags(t, [{ tags: all.flat() }]);
  assert.deepEqual(
    files.map(({ part }) => [part.number, part.videoCodec, part.width]),
    [
      [1, 'H264', 320],
      [2, 'H264', 640],
      [3, 'HEVC', 320],
    ],
  );
  for (const file of files) await judge(t, file, frames);
});

test('a source that goes away and begins anew leaves a hole as long as it was, and is in sync behind it', async (t) => {
  const tags = together(await flashes({ codec: 'H264', bFrames: 2 }), beeps('AAC'));
  const [file, ...others] = await recordTags(t, [{ tags }, { tags, awayMs: 2000 }]);
  assert.equal(others.length, 0);
  const probed = await judge(t, file, 2 * frames);
  assert.ok(Math.abs(probed.durationMs - 2 * seconds * 1000 - 2000) <= 150, `${probed.durationMs} ms`);
});

for (const [name, jumpMs] of [
  ['an hour ahead', 3_600_000],
  ['an hour back', -3_600_000],
] as const) {
  test(`stamps that jump ${name} leave the file as long as it took, and in sync`, async (t) => {
    const tags = later(together(await flashes({ codec: 'H264', bFrames: 2 }), beeps('AAC')), 4_000_000);
    const [file, ...others] = await recordTags(t, [{ tags: [...tags, ...later(tags, seconds * 1000 + jumpMs)] }]);
    assert.equal(others.length, 0);
    const probed = await judge(t, file, 2 * frames);
    assert.ok(Math.abs(probed.durationMs - 2 * seconds * 1000) <= 500, `${probed.durationMs} ms`);
  });
}
