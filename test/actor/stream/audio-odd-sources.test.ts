/** Audio as odd sources send it: many frames under one stamp, no sequence header, rates that a tag cannot say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { setAudioStage } from '../../support/media/audio-stage.js';
import { toneLevel } from '../../support/media/opus.js';
import { encodeEnhanced } from '../../support/source/enhanced-audio.js';
import { encodeFlv, type FlvTag } from '../../support/source/flv-file.js';

const amplitude = 0.25;
const seconds = 3;
const wave = `${amplitude}*sin(440*2*PI*t)`;
const source = (rateHz: number, channels: number): string =>
  `aevalsrc='${Array(channels).fill(wave).join('|')}':s=${rateHz}:d=${seconds}`;

const classic = (encoder: string, rateHz: number, channels: number): FlvTag[] =>
  encodeFlv(['-f', 'lavfi', '-i', source(rateHz, channels), '-c:a', encoder]).filter(({ track }) => track === 'audio');

/** Samples as ffmpeg writes them without a container, in tags of 20 ms. */
function raw(format: string, tagByte: number, rateHz: number, bytesPerSample: number): FlvTag[] {
  const ran = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source(rateHz, 1), '-f', format, 'pipe:1']);
  const size = (rateHz / 50) * bytesPerSample;
  return Array.from({ length: Math.floor(ran.stdout.length / size) }, (_, n) => ({
    track: 'audio',
    timestampMs: n * 20,
    body: Uint8Array.from([tagByte, ...ran.stdout.subarray(n * size, (n + 1) * size)]),
  }));
}

const isFrame = ({ body }: FlvTag): boolean => ((body[0] ?? 0) >> 4 === 9 ? (body[0] ?? 0) & 15 : body[1]) !== 0;

/** So many frames in a row bear the stamp of the first, or are a millisecond apart. */
function bunched(tags: readonly FlvTag[], count: number, stepMs = 0): FlvTag[] {
  const frames = tags.filter(isFrame);
  const stampOf = (n: number): number => (frames[n - (n % count)]?.timestampMs ?? 0) + (n % count) * stepMs;
  return [
    ...tags.filter((tag) => !isFrame(tag)),
    ...frames.map(({ track, body }, n) => ({ track, body, timestampMs: stampOf(n) })),
  ];
}

/** The tone, whole: each packet 20 ms after the one before, nothing concealed, jumped over or left out. */
async function holds(t: TestContext, tags: readonly FlvTag[], codec: string, unheard = 0): Promise<void> {
  const stage = await setAudioStage(t);
  stage.path.setWanted(new Set());
  await stage.feed(tags.slice(0, unheard));
  stage.path.setWanted(new Set(['Opus']));
  await stage.feed(tags.slice(unheard));
  const { decodeErrors, jumps, dropped } = stage.path.stats.audioPath;
  assert.deepEqual([decodeErrors, jumps, dropped], [0, 0, 0]);
  assert.deepEqual(new Set(stage.steps()), new Set([960]));
  assert.equal(stage.info()?.codec, codec);
  const pcm = await stage.pcm();
  assert.ok(pcm.length > 48_000 * (seconds - 0.8), `${pcm.length} samples`);
  const middle = pcm.subarray(36_000, 96_000);
  assert.ok(Math.abs(toneLevel(middle, 440) / amplitude - 1) < 0.1, `level ${toneLevel(middle, 440)}`);
  for (const other of [220, 400, 480, 880]) assert.ok(toneLevel(middle, other) < 0.03, `${other} Hz`);
}

const aac = classic('aac', 44_100, 2);
const opus = encodeEnhanced({ codec: 'Opus', wave, rateHz: 48_000, channels: 2, seconds });
for (const [what, tags, codec] of [
  ['ten AAC frames', bunched(aac, 10), 'AAC'],
  ['ten AAC frames a millisecond apart', bunched(aac, 10, 1), 'AAC'],
  ['thirty AAC frames', bunched(aac, 30), 'AAC'],
  ['twelve MP3 frames', bunched(classic('libmp3lame', 48_000, 1), 12), 'MP3'],
  ['fifteen Opus packets', bunched(opus, 15), 'Opus'],
] as const) {
  test(`${what} under one stamp follow each other by their own length`, (t) => holds(t, tags, codec));
}

const flac = encodeEnhanced({ codec: 'FLAC', wave, rateHz: 48_000, channels: 2, seconds });
for (const [what, tags, codec] of [
  ['AAC of 44.1 kHz stereo', aac, 'AAC'],
  ['AAC of 48 kHz mono', classic('aac', 48_000, 1), 'AAC'],
  ['AAC of 22.05 kHz', classic('aac', 22_050, 1), 'AAC'],
  ['FLAC', flac, 'FLAC'],
] as const) {
  test(`${what} without a sequence header is heard`, (t) => holds(t, tags.filter(isFrame), codec));
}

test('audio of which nothing decodes, or that nobody can open a decoder for, has a reason', async (t) => {
  const scrambled = aac.map((tag) =>
    isFrame(tag) ? { ...tag, body: tag.body.map((byte, n) => (n < 2 ? byte : 0xff)) } : tag,
  );
  const broken = await setAudioStage(t);
  await broken.feed(scrambled);
  assert.deepEqual(new Set(broken.unusable), new Set(['source.unreadableAudio AAC whose frames do not decode']));
  // Nobody listens any more: it is looked on whether they do by now.
  broken.path.setWanted(new Set());
  broken.unusable.length = 0;
  await broken.feed(scrambled.slice(1, 20));
  assert.equal(broken.unusable.length, 19);
  const before = broken.used();
  await broken.feed(aac.slice(1, 40));
  assert.ok(broken.used() - before > 30, `${broken.used() - before}`);
  const unknown = await setAudioStage(t);
  const silent = Array.from({ length: 120 }, (_, n) => ({
    timestampMs: n * 20,
    body: Buffer.from('91664c6143fff8c08800', 'hex'),
  }));
  await unknown.feed(silent);
  assert.deepEqual(
    new Set(unknown.unusable),
    new Set(['source.unreadableAudio FLAC without a header that says what it is']),
  );
});

for (const [what, tags, codec] of [
  ['G.711 of 16 kHz', raw('alaw', 0x72, 16_000, 1), 'PCMA'],
  ['G.711 of 44.1 kHz', raw('mulaw', 0x82, 44_100, 1), 'PCMU'],
  ['PCM of 48 kHz', raw('s16le', 0x3e, 48_000, 2), 'PCM'],
] as const) {
  test(`${what}, whose tag says another rate, has the right pitch`, (t) => holds(t, tags, codec, 15));
}
