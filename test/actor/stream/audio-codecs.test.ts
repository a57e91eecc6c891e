/** Every codec that sources send, from FLV tags to Opus in the packet log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setAudioStage } from '../../support/media/audio-stage.js';
import { decodedAudio, passedAudio } from '../../support/media/coded-audio.js';
import { toneLevel } from '../../support/media/opus.js';

const amplitude = 0.25;
const wave = `${amplitude}*sin(440*2*PI*t)`;
const seconds = 3;
const tolerance = 0.1;
const coarseTolerance = 0.3;

for (const { codec, name, rateHz, channels, isCoarse, encode } of decodedAudio) {
  test(`${name}, ${rateHz} Hz, ${channels} channel(s) becomes Opus: the same tone, packets of 20 ms`, async (t) => {
    const stage = await setAudioStage(t);
    await stage.feed(encode(wave, seconds));
    assert.equal(stage.path.stats.audioPath.decodeErrors, 0);
    assert.deepEqual(new Set(stage.steps()), new Set([960]));
    const pcm = (await stage.pcm()).subarray(24_000, 120_000);
    const level = toneLevel(pcm, 440);
    assert.ok(Math.abs(level / amplitude - 1) < (isCoarse ? coarseTolerance : tolerance), `level ${level}`);
    for (const other of [220, 400, 480])
      assert.ok(toneLevel(pcm, other) < 0.03, `${other} Hz: ${toneLevel(pcm, other)}`);
    assert.deepEqual(stage.info(), { codec, sampleRateHz: rateHz, channels });
    assert.equal(stage.path.stats.audioPath.kind, 'transcode');
  });
}

test('Opus of one or two channels goes out byte for byte', async (t) => {
  for (const { channels, encode } of passedAudio) {
    const stage = await setAudioStage(t);
    const tags = encode(wave, seconds);
    await stage.feed(tags);
    // Five bytes of header stand before each packet; beside packets there are OpusHead and the map of its channels.
    const coded = tags.filter(({ body }) => ((body[0] ?? 0) & 15) === 1);
    const sent = coded.map(({ body }) => Buffer.from(body.subarray(5)).toString('hex'));
    assert.deepEqual(
      stage.packets.map(({ data }) => Buffer.from(data).toString('hex')),
      sent,
    );
    assert.deepEqual(new Set(stage.steps()), new Set([960]));
    assert.equal(stage.path.stats.audioPath.kind, 'pass');
    assert.deepEqual(stage.info(), { codec: 'Opus', sampleRateHz: 48_000, channels });
    assert.ok(Math.abs(toneLevel((await stage.pcm()).subarray(24_000, 120_000), 440) / amplitude - 1) < tolerance);
  }
});
