import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAudioTranscoder } from '../../../actors/media/audio-transcoder.js';
import { loadNativeAv } from '../../../actors/media/native.js';
import type { AudioPacket } from '../../../src/core/timeline/audio-packet.js';
import { type AacStream, encodeAac } from '../../support/media/adts.js';
import { decodeOpus, toneLevel } from '../../support/media/opus.js';

interface Fed {
  readonly mediaMs: number;
  readonly data: Uint8Array;
}

const stampsOf = ({ config, units }: AacStream, startMs = 0): Fed[] =>
  units.map((data, n) => ({ mediaMs: startMs + Math.round((n * 1024_000) / config.sampleRateHz), data }));

const av = await loadNativeAv({ enter: () => {}, leave: () => {} });

function open(aac: AacStream, notBefore48k: number | null = null, opusFrameMs = 20) {
  const guard = { inside: 0, batches: 0 };
  const transcoder = createAudioTranscoder(av, {
    config: aac.config,
    encoding: 'Opus',
    bitrateKbps: 96,
    opusFrameMs,
    guard: {
      enter: () => {
        guard.inside += 1;
        guard.batches += 1;
      },
      leave: () => {
        guard.inside -= 1;
      },
    },
    log: () => {},
    notBefore48k,
  });
  return { transcoder, guard };
}

function transcode(aac: AacStream, fed = stampsOf(aac)) {
  const { transcoder } = open(aac);
  const packets = fed.flatMap((frame) => transcoder.push(frame));
  transcoder.close();
  return { packets, transcoder };
}

const steps = (packets: AudioPacket[]) => packets.slice(1).map(({ ts48k }, n) => ts48k - (packets[n]?.ts48k ?? 0));

const tone = '0.25*sin(440*2*PI*t)';

for (const [rateHz, channels] of [
  [44_100, 2],
  [48_000, 2],
  [22_050, 1],
  [11_025, 1],
  [48_000, 6],
] as const) {
  test(`a 440 Hz tone of ${rateHz} Hz and ${channels} channel(s) is the same tone in Opus`, async () => {
    const { packets, transcoder } = transcode(encodeAac(tone, rateHz, channels, 6));
    const pcm = (await decodeOpus(packets.map((packet) => packet.data))).subarray(48_000, 240_000);
    const level = toneLevel(pcm, 440);
    assert.ok(level > 0.25 * 0.9 && level < 0.25 * 1.1, `level ${level}`);
    for (const other of [220, 400, 480, 880, 1320, 5000]) assert.ok(toneLevel(pcm, other) < 0.005, `${other} Hz`);
    assert.equal(transcoder.counts.decodeErrors, 0);
  });
}

test('packets of 40 ms are half as many, each twice as far as the last, and the same tone', async () => {
  const aac = encodeAac(tone, 44_100, 2, 6);
  const { packets: usual } = transcode(aac);
  const { transcoder } = open(aac, null, 40);
  const packets = stampsOf(aac).flatMap((frame) => transcoder.push(frame));
  transcoder.close();
  assert.equal(packets.length, Math.floor(usual.length / 2));
  assert.equal(packets[0]?.ts48k, usual[0]?.ts48k);
  assert.deepEqual(new Set(steps(packets)), new Set([1920]));
  assert.deepEqual(new Set(packets.map(({ samples }) => samples)), new Set([1920]));
  const level = toneLevel((await decodeOpus(packets.map(({ data }) => data))).subarray(48_000, 240_000), 440);
  assert.ok(level > 0.25 * 0.9 && level < 0.25 * 1.1, `level ${level}`);
});

test('every packet is 960 further, over a minute whose stamps are rounded to milliseconds', async () => {
  const aac = encodeAac(tone, 44_100, 2, 60);
  const { packets, transcoder } = transcode(aac, stampsOf(aac, 5000));
  assert.equal(packets[0]?.ts48k, 5000 * 48 - 312);
  assert.deepEqual(new Set(steps(packets)), new Set([960]));
  const endMs = 5000 + (aac.units.length * 1024) / 44.1;
  assert.ok(Math.abs((transcoder.next48k ?? 0) / 48 - endMs) < 30, 'no drift');
  assert.equal(transcoder.counts.jumps + transcoder.counts.dropped, 0);
});

test('a beep is heard at its media time, to the millisecond', async () => {
  const aac = encodeAac('0.5*sin(1000*2*PI*t)*between(t,2,2.1)', 44_100, 2, 3);
  const { packets } = transcode(aac, stampsOf(aac, 1000));
  const pcm = await decodeOpus(packets.map((packet) => packet.data));
  const onset = pcm.findIndex((sample) => Math.abs(sample) > 0.1);
  // The encoder's first frame is priming (1,024 samples), which FLV and ADTS stamp like any other.
  const expectedMs = 1000 + 2000 + 1024 / 44.1;
  const heardMs = ((packets[0]?.ts48k ?? 0) + onset) / 48;
  assert.ok(Math.abs(heardMs - expectedMs) < 1.5, `${heardMs} for ${expectedMs}`);
});

test('a source clock that is off by 500 ppm is followed by resampling, without a step or a loss of the tone', async () => {
  for (const rate of [44_100, 48_000]) {
    const aac = encodeAac(tone, rate, 2, 60);
    const fed = stampsOf(aac).map(({ mediaMs, data }) => ({ mediaMs: mediaMs * 1.0005, data }));
    const { packets, transcoder } = transcode(aac, fed);
    assert.deepEqual(new Set(steps(packets)), new Set([960]));
    const offsetMs = ((aac.units.length * 1024_000) / rate) * 1.0005 - (transcoder.next48k ?? 0) / 48;
    // Uncorrected it were 30 ms; a frame of 20 ms, the look-ahead and the resampler are under way.
    assert.ok(offsetMs > -6 && offsetMs < 27 + 6, `${offsetMs} ms`);
    const pcm = (await decodeOpus(packets.slice(-200).map((packet) => packet.data))).subarray(9600, 57_600);
    assert.ok(toneLevel(pcm, 440) > 0.22, `level ${toneLevel(pcm, 440)}`);
  }
});

test('a hole of the source is jumped over, and the audio behind it lies at its stamp', async () => {
  const aac = encodeAac(tone, 48_000, 2, 4);
  const fed = stampsOf(aac).filter((_, n) => n < 60 || n >= 90);
  const { packets, transcoder } = transcode(aac, fed);
  assert.equal(transcoder.counts.jumps, 1);
  assert.equal(steps(packets).filter((step) => step !== 960).length, 1);
  assert.ok(steps(packets).every((step) => step >= 960));
  const endMs = (aac.units.length * 1024) / 48;
  assert.ok(Math.abs((transcoder.next48k ?? 0) / 48 - endMs) < 30);
});

test('corrupt access units are counted, stand in as silence, and leave no step in time', async () => {
  const aac = encodeAac(tone, 44_100, 2, 4);
  const fed = stampsOf(aac).map((frame, n) =>
    n % 20 === 0 ? { ...frame, data: n % 40 === 0 ? new Uint8Array(0) : frame.data.subarray(0, 5) } : frame,
  );
  const { packets, transcoder } = transcode(aac, fed);
  assert.ok(transcoder.counts.decodeErrors >= fed.length / 20 - 1, `${transcoder.counts.decodeErrors}`);
  assert.deepEqual(new Set(steps(packets)), new Set([960]));
  assert.equal(transcoder.counts.jumps + transcoder.counts.dropped, 0);
  const pcm = await decodeOpus(packets.map((packet) => packet.data));
  assert.ok(toneLevel(pcm.subarray(24_000, 168_000), 440) > 0.2);
});

test('the next transcoder, for a new configuration, goes on without going back', async () => {
  const first = encodeAac(tone, 44_100, 2, 1);
  const before = open(first);
  const early = stampsOf(first).flatMap((frame) => before.transcoder.push(frame));
  const end48k = before.transcoder.next48k;
  before.transcoder.close();
  const second = encodeAac(tone, 48_000, 1, 1);
  const after = open(second, end48k);
  const late = stampsOf(second, 990).flatMap((frame) => after.transcoder.push(frame));
  after.transcoder.close();
  assert.deepEqual(new Set(steps([...early, ...late])), new Set([960]));
});

test('the guard is entered for each batch and left after it, when it throws too', async () => {
  const aac = encodeAac('0', 44_100, 2, 1);
  const { transcoder, guard } = open(aac);
  const opened = guard.batches;
  transcoder.push({ mediaMs: 0, data: aac.units[0] ?? new Uint8Array(0) });
  assert.deepEqual([guard.inside, guard.batches], [0, opened + 1]);
  transcoder.close();
  transcoder.close();
  assert.deepEqual([guard.inside, guard.batches], [0, opened + 2]);
  assert.deepEqual(transcoder.push({ mediaMs: 23, data: aac.units[1] ?? new Uint8Array(0) }), []);
  const empty = { ...aac, config: { ...aac.config, audioSpecificConfig: Uint8Array.of(0xff, 0xff, 0xff) } };
  const refused = { inside: 0 };
  const opening = () =>
    createAudioTranscoder(av, {
      config: empty.config,
      encoding: 'Opus',
      bitrateKbps: 96,
      guard: {
        enter: () => {
          refused.inside += 1;
        },
        leave: () => {
          refused.inside -= 1;
        },
      },
      log: () => {},
    });
  assert.throws(opening, { code: 'internal' });
  assert.equal(refused.inside, 0);
});
