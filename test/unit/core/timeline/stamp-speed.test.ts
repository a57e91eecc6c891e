import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSourceClock } from '../../../../src/core/timeline/source-clock.js';
import { StampSpeed } from '../../../../src/core/timeline/stamp-speed.js';
import { maxApartMs, type Placed, plain } from './placed-source.js';
import { type Message, messagesOf, type SimulatedSource } from './simulated-source.js';

const frameMs = 1024 / 44.1;
const source: SimulatedSource = { ...plain, seconds: 60 };

interface Played {
  readonly placed: readonly Placed[];
  readonly speed: StampSpeed;
}

/** As the demuxer does. `lengthMs` of a frame of audio; null: nobody knows. */
function play(messages: readonly Message[], lengthMs: number | null = frameMs): Played {
  const speed = new StampSpeed();
  const clock = createSourceClock(maxApartMs);
  const placed = messages.map((message) => {
    const { track, stampMs, arrivalMs } = message;
    if (track === 'audio') speed.played(lengthMs);
    return { ...message, mediaMs: clock.place(track, speed.mend(track, stampMs, arrivalMs), arrivalMs) };
  });
  return { placed, speed };
}

const restamped = (of: (message: Message) => number, from = source): readonly Message[] =>
  messagesOf(from).map((message) => ({ ...message, stampMs: Math.floor(of(message)) % 2 ** 32 }));

/** How far places run from the true times. */
function spreadMs(placed: readonly Placed[], fromMs: number): number {
  const runs = placed.filter(({ trueMs }) => trueMs >= fromMs).map(({ mediaMs, trueMs }) => mediaMs - trueMs);
  return Math.max(...runs) - Math.min(...runs);
}

test('stamps of a clock that runs at another speed are in real time within seconds, audio beside its video', () => {
  for (const [speed, foundMs] of [
    [2, 3500],
    [0.5, 3500],
    [1.05, 9500],
    [48 / 44.1, 5500],
    [20, 3500],
  ] as const) {
    const { placed, speed: found } = play(restamped(({ trueMs }) => 5000 + trueMs * speed));
    assert.ok(spreadMs(placed, foundMs) < 25, `${speed}: ${spreadMs(placed, foundMs).toFixed(1)} ms`);
    for (const track of ['audio', 'video'] as const)
      assert.ok(Math.abs(found.speeds[track] / speed - 1) < 0.003, `${track}: ${found.speeds[track]}`);
    assert.equal(found.pace, null);
  }
});

test('so are those of one track alone, and of video without audio', () => {
  for (const track of ['audio', 'video'] as const) {
    const one = restamped((message) => 5000 + message.trueMs * (message.track === track ? 2 : 1));
    assert.ok(spreadMs(play(one).placed, 8000) < 60, `${track}: ${spreadMs(play(one).placed, 8000)}`);
  }
  for (const speed of [2, 0.5, 1.3]) {
    const video = restamped(({ trueMs }) => trueMs * speed).filter(({ track }) => track === 'video');
    assert.ok(spreadMs(play(video).placed, 20_000) < 60, `${speed}: ${spreadMs(play(video).placed, 20_000)}`);
  }
});

test('where nobody knows how long the frames of the audio are, arrival tells it of both tracks', () => {
  const { placed } = play(
    restamped(({ trueMs }) => 5000 + trueMs * 2),
    null,
  );
  assert.ok(spreadMs(placed, 20_000) < 60, `${spreadMs(placed, 20_000)}`);
});

test('lumps, stalls and jumps do not hide a clock that is wrong, and one that becomes right is taken as it is', () => {
  const lumps: SimulatedSource = {
    ...source,
    lumpMs: 300,
    disturbances: [{ kind: 'stall', atMs: 20_000, forMs: 3000 }],
  };
  const { placed } = play(restamped(({ trueMs }) => 5000 + trueMs * 2, lumps));
  assert.ok(spreadMs(placed, 6000) < 100, `${spreadMs(placed, 6000)}`);
  const healed = play(restamped(({ trueMs }) => 5000 + trueMs + Math.min(trueMs, 20_000)));
  assert.ok(spreadMs(healed.placed, 25_000) < 60, `${spreadMs(healed.placed, 25_000)}`);
  for (const speed of Object.values(healed.speed.speeds)) assert.ok(Math.abs(speed - 1) < 0.003, `${speed}`);
  const jump = ({ trueMs }: Message): number => 5000 + trueMs * 2 + (trueMs > 20_000 ? 3_600_000 : 0);
  assert.ok(spreadMs(play(restamped(jump)).placed, 25_000) < 60, `${spreadMs(play(restamped(jump)).placed, 25_000)}`);
});

test('where the samples of the audio last longer than the time in which they come, time rules in the end', () => {
  const { placed } = play(
    restamped(({ trueMs }) => 5000 + trueMs * 2),
    frameMs * 1.02,
  );
  assert.ok(spreadMs(placed, 4000) < 500, `${spreadMs(placed, 4000)}`);
  assert.ok(spreadMs(placed, 40_000) < 80, `${spreadMs(placed, 40_000)}`);
});

test('a wrap is no step of a clock that is wrong', () => {
  const { placed } = play(restamped(({ trueMs }) => 2 ** 32 - 40_000 + trueMs * 2));
  assert.ok(spreadMs(placed, 4000) < 25, `${spreadMs(placed, 4000)}`);
});

test('the next session begins anew', () => {
  const { speed } = play(restamped(({ trueMs }) => trueMs * 2));
  speed.newSession();
  assert.deepEqual(speed.speeds, { audio: 1, video: 1 });
  assert.equal(speed.mend('video', 77, 100_000), 77);
});

test('stamps of clocks that are right stay as they are, whatever else a source and its network do', () => {
  const holes = (message: Message): boolean => message.track === 'video' || message.trueMs % 1000 < 500;
  const cases: Readonly<Record<string, readonly Message[]>> = {
    plain: messagesOf(source),
    lumps: messagesOf({ ...source, lumpMs: 1000 }),
    'lumps of 1.7 s': messagesOf({ ...source, lumpMs: 1700 }),
    stall: messagesOf({ ...source, disturbances: [{ kind: 'stall', atMs: 9000, forMs: 7000 }] }),
    jumps: messagesOf({
      ...source,
      disturbances: [3000, -2000, 700, 900].map((byMs, n) => ({ kind: 'jump', atMs: 9000 + n * 4000, byMs }) as const),
    }),
    drift: restamped(({ trueMs }) => trueMs * 1.001),
    holes: messagesOf(source).filter(holes),
    'half of the audio': messagesOf(source).filter(({ track }, n) => track === 'video' || n % 2 === 0),
    silence: messagesOf({
      ...source,
      disturbances: [{ kind: 'silence', track: 'audio', atMs: 9000, forMs: 20_000 }],
    }),
    'a cached group': messagesOf(source)
      .map((message) => ({ ...message, arrivalMs: Math.max(10_000, message.arrivalMs) }))
      .toSorted((one, other) => one.arrivalMs - other.arrivalMs || one.trueMs - other.trueMs),
    'a backlog': messagesOf(source).map((message) => ({
      ...message,
      arrivalMs: Math.max(message.arrivalMs, 10_000 + message.arrivalMs / 1.5),
    })),
    'audio that begins late': messagesOf(source).filter(({ track, trueMs }) => track === 'video' || trueMs > 15_000),
  };
  for (const [name, messages] of Object.entries(cases)) {
    const speed = new StampSpeed();
    for (const { track, stampMs, arrivalMs } of messages) {
      if (track === 'audio') speed.played(frameMs);
      assert.equal(speed.mend(track, stampMs, arrivalMs), stampMs, `${name} at ${arrivalMs.toFixed(0)}`);
    }
  }
});

test('a source whose stamps and samples agree, and not with time, has another pace: stamps stay, and it is told', () => {
  for (const [pace, knownMs] of [
    [0.5, 6000],
    [0.8, 6000],
    [2, 10_000],
    [1.25, 10_000],
  ] as const) {
    const speed = new StampSpeed();
    let firstMs: number | null = null;
    for (const { track, stampMs, trueMs } of messagesOf(source)) {
      const nowMs = trueMs / pace;
      if (track === 'audio') speed.played(frameMs);
      assert.equal(speed.mend(track, stampMs, nowMs), stampMs);
      if (speed.pace !== null) firstMs ??= nowMs;
    }
    assert.ok(firstMs !== null && firstMs < knownMs, `${pace}: ${firstMs}`);
    assert.ok(Math.abs((speed.pace ?? 0) / pace - 1) < 0.05, `${pace}: ${speed.pace}`);
  }
  const late = messagesOf(source).map((message) => {
    const { trueMs, arrivalMs } = message;
    return {
      ...message,
      arrivalMs: trueMs < 10_000 ? arrivalMs : Math.max(arrivalMs, 18_000 + (trueMs - 10_000) / 1.5),
    };
  });
  for (const messages of [messagesOf({ ...source, lumpMs: 300 }), late]) {
    const speed = new StampSpeed();
    for (const { track, stampMs, arrivalMs } of messages) {
      if (track === 'audio') speed.played(frameMs);
      speed.mend(track, stampMs, arrivalMs);
      assert.equal(speed.pace, null, `at ${arrivalMs}`);
    }
  }
});
