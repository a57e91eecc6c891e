/**
 * Lips and audio over an hour of a source whose audio card is off, as a browser works it out: from the RTP times of
 * both tracks and from sender reports, and from nothing else (docs/media.md 9).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialOpusClock, stepOpusClock } from '../../../../src/core/timeline/opus-clock.js';
import { createOpusPass } from '../../../../src/core/timeline/opus-pass.js';
import { createSourceClock } from '../../../../src/core/timeline/source-clock.js';
import { createWallClock } from '../../../../src/core/timeline/wall-clock.js';

const hourMs = 3_600_000;
const frameMs = 1000 / 30;
const reportMs = 1000;
/** Messages arrive up to so much later than they might. */
const jitterMs = 40;

interface Arrival {
  readonly track: 'audio' | 'video';
  /** When what it holds was before the camera and the microphone. */
  readonly trueMs: number;
  readonly stampMs: number;
  readonly atMs: number;
}

interface Path {
  /** Takes a frame at its media time; gives the RTP time of its first sample in samples, or null. */
  readonly push: (mediaMs: number) => number | null;
  readonly skew48k: () => number;
  readonly frameSamples: number;
}

/** As the transcoder does: it obeys the clock's actions, the resampler being exact. */
function transcoding(rateHz: number): Path {
  const frameSamples = (1024 * 48_000) / rateHz;
  let clock = initialOpusClock();
  let position: number | null = null;
  let rate = 0;
  let left = 0;
  return {
    frameSamples,
    skew48k: () => 0,
    push(mediaMs) {
      position ??= mediaMs * 48;
      const { state, action } = stepOpusClock(clock, mediaMs, position);
      clock = state;
      if (action.kind === 'drop') return null;
      if (action.kind === 'jump') position += action.samples;
      if (action.kind === 'correct') [rate, left] = [action.samples / action.overSamples, action.overSamples];
      const began = position;
      position += frameSamples + rate * Math.min(left, frameSamples);
      left = Math.max(0, left - frameSamples);
      return began;
    },
  };
}

function passing(): Path {
  const pass = createOpusPass(null);
  return {
    frameSamples: 960,
    skew48k: () => pass.skew48k,
    push: (mediaMs) => pass.push(mediaMs, Uint8Array.of(0xfc, 1))[0]?.ts48k ?? null,
  };
}

/** An hour's messages in the order of their arrival. Audio is `ppm` slow, its frames stamped by the one clock of the source. */
function arrivals({ frameSamples }: Path, ppm: number, random: () => number): Arrival[] {
  const of = (track: Arrival['track'], periodMs: number): Arrival[] => {
    let atMs = 0;
    return Array.from({ length: Math.floor(hourMs / periodMs) }, (_, n) => {
      const trueMs = n * periodMs;
      atMs = Math.max(atMs, trueMs + 50 + random() * jitterMs);
      return { track, trueMs, stampMs: Math.floor(trueMs), atMs };
    });
  };
  const audioMs = (frameSamples / 48) * (1 + ppm / 1e6);
  return [...of('video', frameMs), ...of('audio', audioMs)].sort((one, other) => one.atMs - other.atMs);
}

/** By how much audio is shown later than the video of its moment, at every report. */
function offsets(path: Path, ppm: number): number[] {
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const [sourceClock, wallClock] = [createSourceClock(1500), createWallClock()];
  /** RTP time in ms less true time, of the newest of each track. */
  const ahead = { audio: 0, video: 0 };
  const found: number[] = [];
  let nextReportMs = reportMs;
  for (const { track, trueMs, stampMs, atMs } of arrivals(path, ppm, random)) {
    const mediaMs = sourceClock.place(track, stampMs, atMs);
    wallClock.observe(mediaMs, atMs);
    const rtpMs = track === 'video' ? mediaMs : (path.push(mediaMs) ?? Number.NaN) / 48;
    if (!Number.isNaN(rtpMs)) ahead[track] = rtpMs - trueMs;
    if (atMs < nextReportMs) continue;
    nextReportMs += reportMs;
    const lineMs = wallClock.mediaMsAt(atMs) ?? assert.fail('no line yet');
    // What RTP time each report names for this wall time; what lies there plays at this time.
    const reported = { video: lineMs, audio: lineMs + path.skew48k() / 48 };
    found.push(ahead.audio - reported.audio - (ahead.video - reported.video));
  }
  return found;
}

const ways: readonly [name: string, create: () => Path][] = [
  ['AAC of 44.1 kHz made into Opus', () => transcoding(44_100)],
  ['AAC of 48 kHz made into Opus', () => transcoding(48_000)],
  ['Opus passed through', passing],
];

for (const [name, create] of ways) {
  for (const ppm of [200, -200, 0]) {
    test(`${name}, audio ${ppm} ppm slow for an hour: within 5 ms of the video by stamps and reports`, () => {
      const found = offsets(create(), ppm);
      assert.ok(found.length > 3500);
      const worstMs = found.reduce((most, offsetMs) => Math.max(most, Math.abs(offsetMs)), 0);
      assert.ok(worstMs <= 5, `${worstMs} ms at the worst`);
    });
  }
}

test('uncorrected, the same hour ends 700 ms out: the measure sees it', () => {
  const path = transcoding(48_000);
  let position: number | null = null;
  const push = (mediaMs: number): number => {
    position ??= mediaMs * 48;
    position += path.frameSamples;
    return position - path.frameSamples;
  };
  assert.ok(Math.abs((offsets({ ...path, push }, 200).at(-1) ?? 0) + 720) < 10);
});
