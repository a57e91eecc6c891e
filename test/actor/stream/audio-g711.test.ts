/** Audio for viewers that take G.711 and no Opus: the source's own where it has it, else made of whatever it sends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setAudioStage } from '../../support/media/audio-stage.js';
import { decodeG711 } from '../../support/media/g711.js';
import { toneLevel } from '../../support/media/opus.js';
import { encodeEnhanced } from '../../support/source/enhanced-audio.js';
import { encodeFlv, type FlvTag } from '../../support/source/flv-file.js';

const amplitude = 0.25;
const seconds = 2;
const wave = `${amplitude}*sin(440*2*PI*t)`;

function classic(encoder: string, rateHz: number, channels: number, audio = wave): FlvTag[] {
  const source = `aevalsrc='${Array(channels).fill(audio).join('|')}':s=${rateHz}:d=${seconds}`;
  return encodeFlv(['-f', 'lavfi', '-i', source, '-c:a', encoder]).filter(({ track }) => track === 'audio');
}

const sources = {
  PCMA: classic('pcm_alaw', 8000, 1),
  PCMU: classic('pcm_mulaw', 8000, 1),
  'AAC 44.1 kHz stereo': classic('aac', 44_100, 2),
  'AAC 5.1': classic('aac', 48_000, 6),
  MP3: classic('libmp3lame', 44_100, 2),
  Opus: encodeEnhanced({ codec: 'Opus', wave, rateHz: 48_000, channels: 2, seconds }),
};
type Source = keyof typeof sources;

type Stage = Awaited<ReturnType<typeof setAudioStage>>;
const payloads = ({ packets }: Stage): readonly Uint8Array[] => packets.map(({ data }) => data);
/** toneLevel counts in samples of 48 kHz. */
const levelOf = (pcm: Float32Array, hz: number): number => toneLevel(pcm, hz * 6);

for (const law of ['PCMA', 'PCMU'] as const) {
  test(`${law} of the source goes out byte for byte, in packets of 20 ms`, async (t) => {
    const stage = await setAudioStage(t, law);
    const tags = sources[law];
    // One byte of header stands before what ffmpeg puts into each tag: far more than 20 ms.
    const sent = Buffer.concat(tags.map(({ body }) => body.subarray(1)));
    assert.ok(tags.every(({ body }) => body.length > 161 || body === tags.at(-1)?.body));
    await stage.feed(tags);
    const got = Buffer.concat(payloads(stage));
    assert.deepEqual(got, sent.subarray(0, got.length));
    assert.ok(sent.length - got.length < 160 && got.length > 15_000, `${got.length} of ${sent.length}`);
    assert.deepEqual(new Set(stage.steps()), new Set([160]));
    const [stats] = stage.path.stats.otherAudio;
    assert.deepEqual([stats?.codec, stats?.kind, stats?.reason], [law, 'pass', `${law} of the source`]);
    assert.equal(stage.path.stats.audioPath.kind, 'idle');
  });

  for (const source of Object.keys(sources).filter((name): name is Source => name !== law)) {
    test(`${source} becomes ${law}: the same tone, packets of 20 ms, at its place in time`, async (t) => {
      const stage = await setAudioStage(t, law);
      await stage.feed(sources[source]);
      assert.ok(payloads(stage).every(({ length }) => length === 160));
      assert.deepEqual(new Set(stage.steps()), new Set([160]));
      const pcm = decodeG711(law, payloads(stage)).subarray(4000, 12_000);
      assert.ok(Math.abs(levelOf(pcm, 440) / amplitude - 1) < 0.1, `level ${levelOf(pcm, 440)}`);
      for (const other of [220, 400, 480, 880, 3000]) assert.ok(levelOf(pcm, other) < 0.02, `${other} Hz`);
      assert.deepEqual(
        stage.path.stats.otherAudio.map(({ codec, kind, decodeErrors }) => [codec, kind, decodeErrors]),
        [[law, 'transcode', 0]],
      );
    });
  }
}

test('what 8 kHz cannot carry is taken out, not folded down', async (t) => {
  const stage = await setAudioStage(t, 'PCMU');
  await stage.feed(classic('aac', 48_000, 2, `${amplitude}*sin(7000*2*PI*t)`));
  const pcm = decodeG711('PCMU', payloads(stage)).subarray(4000, 12_000);
  assert.ok(levelOf(pcm, 1000) < 0.002, `${levelOf(pcm, 1000)} at the mirror of 7 kHz`);
});

test('a beep is heard at its media time, passed through and made alike', async (t) => {
  const beep = `0.5*sin(1000*2*PI*t)*between(t,1,1.1)`;
  // FFmpeg's AAC encoder begins with a frame of silence.
  for (const [encoder, rateHz, beginsMs] of [
    ['pcm_alaw', 8000, 0],
    ['aac', 48_000, 1024 / 48],
  ] as const) {
    const stage = await setAudioStage(t, 'PCMA');
    await stage.feed(classic(encoder, rateHz, 1, beep));
    const pcm = decodeG711('PCMA', payloads(stage));
    const first = pcm.findIndex((sample) => Math.abs(sample) > 0.1);
    const startMs = stage.mediaMs(stage.packets[0] ?? assert.fail('no packets'));
    const heardMs = startMs + first / 8 - beginsMs;
    assert.ok(Math.abs(heardMs - 1000) < 2, `${encoder}: ${heardMs} ms`);
  }
});

test('a source that changes its codec is heard on, without a step back or an overlap', async (t) => {
  const stage = await setAudioStage(t, 'PCMA');
  const names: readonly Source[] = ['PCMA', 'AAC 44.1 kHz stereo', 'PCMU', 'PCMA', 'Opus', 'PCMA'];
  const tags = names.flatMap((name, n) =>
    sources[name].map((tag) => ({ ...tag, timestampMs: tag.timestampMs + n * seconds * 1000 })),
  );
  await stage.feed(tags);
  for (const [n, step] of stage.steps().entries()) {
    const { length } = stage.packets[n]?.data ?? assert.fail();
    assert.ok(step >= length && step < 200 * 8, `packet ${n} of ${length} bytes, the next ${step} further`);
  }
  const pcm = decodeG711('PCMA', payloads(stage));
  const spoken = Array.from({ length: Math.floor(pcm.length / 800) }, (_, n) =>
    levelOf(pcm.subarray(n * 800, (n + 1) * 800), 440),
  );
  const silent = spoken.filter((level) => level < amplitude * 0.6).length;
  assert.ok(silent <= 2 * (names.length - 1), `${silent} of ${spoken.length} tenths of a second are silent`);
  const last = stage.packets.at(-1) ?? assert.fail('no packets');
  assert.ok(Math.abs(last.atMs - stage.mediaMs(last)) < 200, `${last.atMs - stage.mediaMs(last)} ms off at the end`);
});

test('each encoding is made only while somebody hears it', async (t) => {
  const stage = await setAudioStage(t, 'PCMU');
  const [first = [], second = []] = [sources.PCMU.slice(0, 8), sources.PCMU.slice(8)];
  await stage.feed(first);
  const heard = stage.packets.length;
  assert.ok(heard > 20);
  stage.path.setWanted(new Set());
  await stage.feed(second);
  assert.equal(stage.packets.length, heard);
  assert.deepEqual(stage.path.stats.otherAudio, []);
});
