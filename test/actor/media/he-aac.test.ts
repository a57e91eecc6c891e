/** HE-AAC of a real encoder (test/fixtures/audio), in every way in which sources signal it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitAdts } from '../../../src/core/codec/adts.js';
import { setAudioStage } from '../../support/media/audio-stage.js';
import { adtsFramesOf, coreRateHz, heAacTags, heAacVersions } from '../../support/media/he-aac.js';
import { decodeOpus, toneLevel } from '../../support/media/opus.js';

const amplitude = 0.25;
const [leftHz, rightHz] = [440, 1760];
/** Noise at which replication aims and which the core cannot hold: its level around 12 kHz. */
function highBand(pcm: Float32Array): number {
  const levels = Array.from({ length: 40 }, (_, n) => toneLevel(pcm, 11_500 + n * 25));
  return Math.hypot(...levels);
}

for (const { name, adts, coreChannels, first, behind, unsaid } of heAacVersions) {
  const { units } = splitAdts(adts);
  const said = { sampleRateHz: 44_100, channels: 2 };
  const core = { sampleRateHz: coreRateHz, channels: coreChannels };
  for (const [signalled, tags, told] of [
    ['first in its configuration', heAacTags(first, units), said],
    ['behind a configuration of the core', heAacTags(behind, units), said],
    ['in its frames alone', heAacTags(unsaid, units), core],
    ['in its frames alone, which have headers of ADTS', heAacTags(null, adtsFramesOf(adts)), core],
  ] as const) {
    test(`${name}, signalled ${signalled}: both channels have their tones, the high band is there, time is right`, async (t) => {
      const stage = await setAudioStage(t);
      await stage.feed(tags);
      assert.deepEqual(stage.info(), { codec: 'AAC', ...told });
      assert.equal(stage.path.stats.audioPath.decodeErrors, 0);
      assert.deepEqual(new Set(stage.steps()), new Set([960]));
      const last = stage.packets.at(-1) ?? assert.fail('nothing came out');
      const missingMs = (units.length * 1024_000) / coreRateHz - (stage.mediaMs(last) + 20);
      // Part of a frame of Opus, and libopus's look-ahead.
      assert.ok(missingMs > 0 && missingMs < 30, `the end lacks ${missingMs} ms`);
      const packets = stage.packets.map(({ data }) => data);
      for (const [channel, ownHz, otherHz] of [
        [0, leftHz, rightHz],
        [1, rightHz, leftHz],
      ] as const) {
        const pcm = (await decodeOpus(packets, channel)).subarray(19_200, 67_200);
        const level = toneLevel(pcm, ownHz);
        assert.ok(Math.abs(level / amplitude - 1) < 0.1, `${ownHz} Hz at ${level}`);
        assert.ok(toneLevel(pcm, otherHz) < 0.02, `${otherHz} Hz at ${toneLevel(pcm, otherHz)}`);
        assert.ok(highBand(pcm) > 1e-4, `high band at ${highBand(pcm)}`);
      }
    });
  }
}
