/**
 * Thousands of damaged frames of every audio codec that sources send, in the thread of the stream: it lives, its packets go
 * on in time, and good frames are heard again at once, on both sides.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitAdts } from '../../../src/core/codec/adts.js';
import { damageAudio } from '../../support/media/audio-damage.js';
import { setAudioStage, toneWindows } from '../../support/media/audio-stage.js';
import { decodedAudio, passedAudio } from '../../support/media/coded-audio.js';
import { heAacTags, heAacVersions } from '../../support/media/he-aac.js';
import { decodeOpus } from '../../support/media/opus.js';
import type { FlvTag } from '../../support/source/flv-file.js';

/** Of each codec: some 70 % of them are damaged. */
const frames = 500;
const seed = 13;
const amplitude = 0.25;
const toneHz = 400;
const wave = `${amplitude}*sin(${toneHz}*2*PI*t)`;
const seconds = 2;
const windowMs = 20;

interface Case {
  readonly name: string;
  readonly tags: () => FlvTag[];
  /** What is heard on the left and on the right. */
  readonly tonesHz: readonly [number, number];
  /** Good frames until all of the audio is back: replication and parametric stereo wait for headers of their own. */
  readonly framesToFindBack: number;
  /** False: whatever the bytes are, they are sound. */
  readonly canRefuse: boolean;
}

const rawCodecs = ['PCMA', 'PCMU', 'ADPCM', 'PCM'];
const cases: readonly Case[] = [
  ...decodedAudio.map(({ name, codec, rateHz, channels, encode }) => ({
    name: `${name}, ${rateHz} Hz, ${channels} channel(s)`,
    tags: () => encode(wave, seconds),
    tonesHz: [toneHz, toneHz] as const,
    framesToFindBack: 2,
    canRefuse: !rawCodecs.includes(codec),
  })),
  ...heAacVersions.map(({ name, adts, unsaid }) => ({
    name,
    tags: () => heAacTags(unsaid, splitAdts(adts).units),
    tonesHz: [440, 1760] as const,
    framesToFindBack: 5,
    canRefuse: true,
  })),
];

for (const { name, tags, tonesHz, framesToFindBack, canRefuse } of cases) {
  test(`damaged frames of ${name} cost themselves only`, async (t) => {
    const stage = await setAudioStage(t);
    const source = damageAudio(tags(), { frames, seed });
    await stage.feed(source.tags);
    const { packets } = stage;
    const { frameMs, goodFromMs } = source;

    assert.ok(
      stage.steps().every((step) => step >= 960),
      'RTP time never runs back',
    );
    // Two frames that are missing are not filled before the third, and one that is in work is not out yet.
    const mostLateMs = 100 + 2 * frameMs;
    const offTime = packets.filter((packet) => Math.abs(packet.atMs - stage.mediaMs(packet)) > mostLateMs);
    assert.deepEqual(offTime, [], 'RTP time keeps to the stamps');
    for (const [n, packet] of packets.slice(1).entries()) {
      const pauseMs = packet.atMs - (packets[n]?.atMs ?? 0);
      assert.ok(pauseMs <= 2 * mostLateMs, `no packet for ${pauseMs} ms`);
    }

    const from = packets.findIndex((packet) => stage.mediaMs(packet) >= goodFromMs);
    const backMs = Math.max(100, framesToFindBack * frameMs);
    for (const [channel, hz] of tonesHz.entries()) {
      const pcm = await decodeOpus(
        packets.slice(from).map(({ data }) => data),
        channel === 0 ? 0 : 1,
      );
      const levels = toneWindows(pcm, hz).slice(0, -10);
      const back = levels.findIndex((level) => level > amplitude * 0.6);
      assert.ok(back >= 0 && back * windowMs <= backMs, `channel ${channel} is back after ${back * windowMs} ms`);
      const audible = levels.slice(back).filter((level) => level > amplitude * 0.6).length;
      assert.ok(audible >= (levels.length - back) * 0.95, `${audible} of ${levels.length - back} windows audible`);
    }
    const { decodeErrors, jumps, dropped } = stage.path.stats.audioPath;
    const counted = canRefuse ? decodeErrors : decodeErrors + jumps + dropped;
    assert.ok(counted > source.damagedFrames / 10, `${decodeErrors} errors, ${jumps} jumps, ${dropped} left out`);
  });
}

for (const { name, channels, encode } of passedAudio) {
  test(`${name} of ${channels} channel(s) goes on with the first good frames behind damaged ones`, async (t) => {
    const stage = await setAudioStage(t);
    const source = damageAudio(encode(wave, seconds), { frames, seed });
    await stage.feed(source.tags);
    const { packets } = stage;
    assert.ok(stage.steps().every((step) => step > 0 && step < 2 ** 31));
    // Five bytes of header stand before each packet.
    const good = source.tags.filter(({ timestampMs }) => timestampMs >= source.goodFromMs);
    const sent = packets.filter(({ atMs }) => atMs >= source.goodFromMs);
    const missing = good.length - sent.length;
    assert.ok(missing * source.frameMs <= 100, `${missing} good frames left out`);
    assert.deepEqual(
      sent.map(({ data }) => Buffer.from(data)),
      good.slice(missing).map(({ body }) => Buffer.from(body.subarray(5))),
    );
    const { decodeErrors, jumps, dropped } = stage.path.stats.audioPath;
    assert.ok(decodeErrors > 0 && jumps + dropped > 0, `${decodeErrors} errors, ${jumps} jumps, ${dropped} left out`);
  });
}
