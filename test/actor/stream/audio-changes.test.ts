/** A source that becomes another in mid-stream is heard on: within 200 ms, on one line of RTP time, with no restart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSourceClock } from '../../../src/core/timeline/source-clock.js';
import { setAudioStage, toneWindows } from '../../support/media/audio-stage.js';
import { encodeEnhanced } from '../../support/source/enhanced-audio.js';
import { encodeFlv, type FlvTag } from '../../support/source/flv-file.js';

const amplitude = 0.25;
const seconds = 1.5;
const wave = `${amplitude}*sin(440*2*PI*t)`;

function classic(encoder: string, rateHz: number, channels: number): FlvTag[] {
  const source = `aevalsrc='${Array(channels).fill(wave).join('|')}':s=${rateHz}:d=${seconds}`;
  return encodeFlv(['-f', 'lavfi', '-i', source, '-c:a', encoder]).filter(({ track }) => track === 'audio');
}

const parts = {
  'AAC 44.1 kHz stereo': classic('aac', 44_100, 2),
  'AAC 48 kHz mono': classic('aac', 48_000, 1),
  'AAC 11.025 kHz mono': classic('aac', 11_025, 1),
  'AAC 5.1': classic('aac', 48_000, 6),
  MP3: classic('libmp3lame', 44_100, 2),
  // Not Speex: it predicts a steady tone from its own past, and swells for half a second wherever one joins it.
  Nellymoser: classic('nellymoser', 16_000, 1),
  'G.711': classic('pcm_alaw', 8000, 1),
  Opus: encodeEnhanced({ codec: 'Opus', wave, rateHz: 48_000, channels: 2, seconds }),
  FLAC: encodeEnhanced({ codec: 'FLAC', wave, rateHz: 48_000, channels: 2, seconds }),
};
type Part = keyof typeof parts;

const changes: readonly (readonly Part[])[] = [
  ['AAC 44.1 kHz stereo', 'AAC 48 kHz mono', 'AAC 44.1 kHz stereo'],
  ['AAC 44.1 kHz stereo', 'AAC 11.025 kHz mono', 'AAC 5.1'],
  ['AAC 44.1 kHz stereo', 'MP3', 'AAC 44.1 kHz stereo'],
  ['Nellymoser', 'G.711', 'Nellymoser'],
  ['AAC 44.1 kHz stereo', 'Opus', 'AAC 48 kHz mono', 'Opus'],
  ['Opus', 'FLAC', 'MP3', 'Opus'],
];

/** One part after another on one clock, each as long as its stamps say, with so much of nothing between. */
function joined(names: readonly Part[], pauseMs: number) {
  const tags: FlvTag[] = [];
  const startsMs: number[] = [];
  let startMs = 0;
  for (const name of names) {
    startsMs.push(startMs);
    tags.push(...parts[name].map((tag) => ({ ...tag, timestampMs: tag.timestampMs + startMs })));
    startMs += seconds * 1000 + pauseMs;
  }
  return { tags, startsMs };
}

for (const names of changes) {
  for (const pauseMs of [0, 700]) {
    test(`${names.join(', ')}${pauseMs > 0 ? ', with pauses' : ''}: heard within 200 ms of each change`, async (t) => {
      const stage = await setAudioStage(t);
      const { tags, startsMs } = joined(names, pauseMs);
      await stage.feed(tags);
      const steps = stage.steps();
      assert.ok(
        steps.every((step) => step >= 960 && step < (pauseMs + 200) * 48),
        `steps ${[...new Set(steps)]}`,
      );
      assert.ok(
        steps.filter((step) => step !== 960).length <= 2 * (names.length - 1),
        'a step at a change, at most two',
      );
      const levels = toneWindows(await stage.pcm());
      for (const startMs of startsMs) {
        const loud = stage.packets.findIndex(
          (packet, n) => stage.mediaMs(packet) >= startMs - 30 && (levels[n] ?? 0) > amplitude * 0.6,
        );
        const heardMs = stage.mediaMs(stage.packets[loud] ?? assert.fail(`silent from ${startMs} ms`));
        assert.ok(heardMs - startMs <= 200, `${heardMs - startMs} ms after the change at ${startMs} ms`);
      }
      const last = stage.packets.at(-1) ?? assert.fail('no packets');
      assert.ok(Math.abs(last.atMs - stage.mediaMs(last)) < 80, `${last.atMs - stage.mediaMs(last)} ms off at the end`);
    });
  }
}

test('audio that appears late, vanishes and comes back lies where its stamps say', async (t) => {
  const stage = await setAudioStage(t);
  const at = (ms: number) => parts['AAC 44.1 kHz stereo'].map((tag) => ({ ...tag, timestampMs: tag.timestampMs + ms }));
  await stage.feed([...at(20_000), ...at(90_000)]);
  const times = stage.packets.map(stage.mediaMs);
  const back = times.findIndex((ms) => ms > 80_000);
  assert.ok(Math.abs((times[0] ?? 0) - 20_000) < 10 && Math.abs((times[back] ?? 0) - 90_000) < 30, `${times[back]}`);
  assert.equal(stage.path.stats.audioPath.jumps, 1);
});

test('behind a hole no packet is sent that belongs before it: browsers delay all audio for the latest one', async (t) => {
  for (const law of ['Opus', 'PCMU'] as const) {
    const stage = await setAudioStage(t, law);
    const tags = parts['AAC 44.1 kHz stereo'];
    const lastMs = tags.at(-1)?.timestampMs ?? 0;
    await stage.feed([...tags, ...tags.map((tag) => ({ ...tag, timestampMs: tag.timestampMs + lastMs + 2000 }))]);
    const lateMs = stage.packets.map((packet) => packet.atMs - stage.mediaMs(packet));
    assert.ok(Math.max(...lateMs) < 100, `${Math.max(...lateMs)} ms late as ${law}`);
  }
});

test('a sequence header that is stamped later than the audio behind it moves nothing', async (t) => {
  const stage = await setAudioStage(t);
  const clock = createSourceClock(0);
  // As servers send to one who joins: keyframe and headers of now, then audio that began before.
  const frameMs = clock.place('video', 5000, 0);
  const [header, ...frames] = parts['AAC 44.1 kHz stereo'];
  assert.ok(header !== undefined && header.body[1] === 0);
  const late = { ...header, timestampMs: 5000 };
  const before = frames.map((tag) => ({ ...tag, timestampMs: tag.timestampMs + 4960 }));
  await stage.feed([late, ...before], (timestampMs) => clock.place('audio', timestampMs, 0));
  const first = stage.mediaMs(stage.packets[0] ?? assert.fail('no packets'));
  assert.ok(Math.abs(first - (frameMs - 40)) < 10, `the audio begins ${first - frameMs} ms after the video`);
});
