/** Every codec that sources send, from FLV tags to Opus in the packet log. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type EnhancedSound, encodeEnhanced } from '../support/enhanced-sound.js';
import { encodeFlv, type FlvTag } from '../support/flv-file.js';
import { toneLevel } from '../support/opus.js';
import { setSoundStage } from '../support/sound-stage.js';

const amplitude = 0.25;
const wave = `${amplitude}*sin(440*2*PI*t)`;
const seconds = 3;

function classic(encoder: string, rateHz: number, channels: number): FlvTag[] {
  const source = `aevalsrc='${Array(channels).fill(wave).join('|')}':s=${rateHz}:d=${seconds}`;
  return encodeFlv(['-f', 'lavfi', '-i', source, '-c:a', encoder]).filter(({ track }) => track === 'audio');
}

/** The tone and nothing else, without a step in time. */
async function sounds(t: TestContext, tags: readonly FlvTag[], tolerance: number) {
  const stage = await setSoundStage(t);
  await stage.feed(tags);
  assert.equal(stage.path.way.decodeErrors, 0);
  assert.deepEqual(new Set(stage.steps()), new Set([960]));
  const pcm = (await stage.pcm()).subarray(24_000, 120_000);
  const level = toneLevel(pcm, 440);
  assert.ok(Math.abs(level / amplitude - 1) < tolerance, `level ${level}`);
  for (const other of [220, 400, 480]) assert.ok(toneLevel(pcm, other) < 0.03, `${other} Hz: ${toneLevel(pcm, other)}`);
  return stage;
}

const perfect = 0.1;
/** Speech codecs of few bits and a narrow band. */
const coarse = 0.3;

interface Case {
  readonly name?: string;
  readonly codec: string;
  readonly rateHz: number;
  readonly channels: number;
  readonly tolerance?: number;
  readonly encode: () => FlvTag[];
}

const plain = (codec: string, encoder: string, rateHz: number, channels: number, tolerance = perfect): Case => ({
  ...{ codec, rateHz, channels, tolerance },
  encode: () => classic(encoder, rateHz, channels),
});

const enhanced = (codec: EnhancedSound['codec'], channels: number): Case => ({
  ...{ name: `${codec} by Enhanced RTMP`, codec, rateHz: 48_000, channels },
  encode: () => encodeEnhanced({ codec, wave, rateHz: 48_000, channels, seconds }),
});

const cases: readonly Case[] = [
  ...[44_100, 48_000, 22_050, 11_025, 8000].flatMap((rateHz) => [1, 2].map((n) => plain('AAC', 'aac', rateHz, n))),
  plain('AAC', 'aac', 48_000, 6),
  plain('MP3', 'libmp3lame', 44_100, 2),
  plain('MP3', 'libmp3lame', 22_050, 1),
  plain('Speex', 'libspeex', 16_000, 1, coarse),
  plain('PCMA', 'pcm_alaw', 8000, 1),
  plain('PCMU', 'pcm_mulaw', 8000, 1),
  plain('Nellymoser', 'nellymoser', 8000, 1, coarse),
  plain('Nellymoser', 'nellymoser', 22_050, 1, coarse),
  plain('ADPCM', 'adpcm_swf', 22_050, 1),
  plain('PCM', 'pcm_s16le', 44_100, 2),
  plain('PCM', 'pcm_u8', 11_025, 1),
  ...(['AAC', 'FLAC', 'AC-3', 'E-AC-3'] as const).flatMap((codec) => [2, 6].map((n) => enhanced(codec, n))),
  enhanced('MP3', 2),
  enhanced('Opus', 6),
];

for (const { codec, name = codec, rateHz, channels, tolerance = perfect, encode } of cases) {
  test(`${name}, ${rateHz} Hz, ${channels} channel(s) becomes Opus: the same tone, packets of 20 ms`, async (t) => {
    const stage = await sounds(t, encode(), tolerance);
    assert.deepEqual(stage.info(), { codec, sampleRateHz: rateHz, channels });
    assert.equal(stage.path.way.kind, 'transcode');
  });
}

test('Opus of one or two channels goes out byte for byte', async (t) => {
  for (const channels of [1, 2]) {
    const stage = await setSoundStage(t);
    const tags = encodeEnhanced({ codec: 'Opus', wave, rateHz: 48_000, channels, seconds });
    await stage.feed(tags);
    // Five bytes of header stand before each packet; beside packets there are OpusHead and the map of its channels.
    const coded = tags.filter(({ body }) => ((body[0] ?? 0) & 15) === 1);
    const sent = coded.map(({ body }) => Buffer.from(body.subarray(5)).toString('hex'));
    assert.deepEqual(
      stage.packets.map(({ data }) => Buffer.from(data).toString('hex')),
      sent,
    );
    assert.deepEqual(new Set(stage.steps()), new Set([960]));
    assert.equal(stage.path.way.kind, 'pass');
    assert.deepEqual(stage.info(), { codec: 'Opus', sampleRateHz: 48_000, channels });
    assert.ok(Math.abs(toneLevel((await stage.pcm()).subarray(24_000, 120_000), 440) / amplitude - 1) < perfect);
  }
});
