/** HE-AAC of a real encoder (test/fixtures/sound), in every way in which sources signal it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { splitAdts } from '../../src/core/codec/adts.js';
import { decodeOpus, toneLevel } from '../support/opus.js';
import { setSoundStage } from '../support/sound-stage.js';

const amplitude = 0.25;
const [leftHz, rightHz] = [440, 1760];
/** A frame is 1,024 samples of the core. */
const coreRateHz = 22_050;

const file = (name: string): Uint8Array => readFileSync(`test/fixtures/sound/${name}.aac`);
const versions = [
  {
    ...{ name: 'HE-AAC v1', adts: file('he-aac-v1'), coreChannels: 2 },
    ...{ first: '2b920800', behind: '139056e5a0', unsaid: '1390' },
  },
  {
    ...{ name: 'HE-AAC v2', adts: file('he-aac-v2'), coreChannels: 1 },
    ...{ first: 'eb8a0800', behind: '138856e5a54880', unsaid: '1388' },
  },
] as const;

/** FLV's sound tags: the sequence header where there is one, then the frames in AAC's one fixed header byte. */
const tagsOf = (config: string | null, frames: readonly Uint8Array[]) => [
  ...(config === null ? [] : [{ timestampMs: 0, body: Uint8Array.of(0xaf, 0, ...Buffer.from(config, 'hex')) }]),
  ...frames.map((frame, n) => ({
    timestampMs: Math.round((n * 1024_000) / coreRateHz),
    body: Uint8Array.of(0xaf, 1, ...frame),
  })),
];

/** Cut into frames that keep their headers. */
function framesOf(adts: Uint8Array): readonly Uint8Array[] {
  const { units } = splitAdts(adts);
  return units.map((unit) =>
    adts.subarray(unit.byteOffset - adts.byteOffset - 7, unit.byteOffset - adts.byteOffset + unit.length),
  );
}

/** Noise at which replication aims and which the core cannot hold: its level around 12 kHz. */
function highBand(pcm: Float32Array): number {
  const levels = Array.from({ length: 40 }, (_, n) => toneLevel(pcm, 11_500 + n * 25));
  return Math.hypot(...levels);
}

for (const { name, adts, coreChannels, first, behind, unsaid } of versions) {
  const { units } = splitAdts(adts);
  const said = { sampleRateHz: 44_100, channels: 2 };
  const core = { sampleRateHz: coreRateHz, channels: coreChannels };
  for (const [signalled, tags, told] of [
    ['first in its configuration', tagsOf(first, units), said],
    ['behind a configuration of the core', tagsOf(behind, units), said],
    ['in its frames alone', tagsOf(unsaid, units), core],
    ['in its frames alone, which have headers of ADTS', tagsOf(null, framesOf(adts)), core],
  ] as const) {
    test(`${name}, told ${signalled}: both channels have their tones, the high band is there, time is right`, async (t) => {
      const stage = await setSoundStage(t);
      await stage.feed(tags);
      assert.deepEqual(stage.info(), { codec: 'AAC', ...told });
      assert.equal(stage.path.way.decodeErrors, 0);
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
