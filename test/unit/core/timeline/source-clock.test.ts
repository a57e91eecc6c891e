import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSourceClock } from '../../../../src/core/timeline/source-clock.js';
import type { SourceTrack } from '../../../../src/core/timeline/stamp-fit.js';
import { maxApartMs, type Placed, place, plain, seeded } from './placed-source.js';
import { type Disturbance, type Message, messagesOf, type SimulatedSource } from './simulated-source.js';

const healedAfterMs = 2000;
const toleranceMs = 40;
/** How much later than it began the effect of a disturbance ends at the source. */
const lengthOf = (d: Disturbance) => ('forMs' in d ? d.forMs : 0);

/** What every viewer relies on: time that only goes forward, audio beside its video, and as fast as real time. */
function check(source: SimulatedSource): number {
  const last: Record<SourceTrack, Placed | null> = { audio: null, video: null };
  const troubles = [{ atMs: 0, forMs: 0 }, ...source.disturbances.map((d) => ({ atMs: d.atMs, forMs: lengthOf(d) }))];
  const placed = place(messagesOf(source));
  for (const message of placed) {
    const before = last[message.track];
    assert.ok(Number.isFinite(message.mediaMs) && message.mediaMs >= 0);
    assert.ok(before === null || message.mediaMs > before.mediaMs, `${message.track} back at ${message.trueMs}`);
    last[message.track] = message;
    const other = last[message.track === 'audio' ? 'video' : 'audio'];
    const since = (m: Message) =>
      troubles.every(({ atMs, forMs }) => m.trueMs < atMs || m.trueMs > atMs + forMs + healedAfterMs);
    if (other === null || Math.abs(other.trueMs - message.trueMs) > 1000 || !since(message) || !since(other)) continue;
    const apartMs = message.mediaMs - message.trueMs - (other.mediaMs - other.trueMs);
    assert.ok(Math.abs(apartMs) <= toleranceMs, `${apartMs.toFixed(1)} ms apart at ${message.trueMs.toFixed(0)}`);
  }
  return placed.length;
}

/** The media time of each message less its true one: how the line runs. */
const offsets = (source: SimulatedSource) => place(messagesOf(source)).map((m) => m.mediaMs - m.trueMs);

test('stamps without disturbance go onto the line as they are, whatever arrives late or in lumps', () => {
  for (const lumpMs of [0, 300]) {
    const runs = offsets({ ...plain, lumpMs, disturbances: [{ kind: 'stall', atMs: 8000, forMs: 3000 }] });
    assert.ok(Math.max(...runs) - Math.min(...runs) < 1, 'only the rounding of stamps');
  }
});

test('wraps of 32 and of 24 bits are no step at all', () => {
  for (const wrapsMs of [2 ** 32, 2 ** 24]) {
    const runs = offsets({ ...plain, wrapsMs, baseMs: { audio: wrapsMs - 9000, video: wrapsMs - 9000 } });
    assert.ok(Math.max(...runs) - Math.min(...runs) < 1, `${wrapsMs}`);
  }
});

test('a jump of an hour, in either direction, moves neither the line nor audio against video', () => {
  for (const byMs of [3_600_000, -3_600_000, 3000, -2000, 600, -700]) {
    const source = {
      ...plain,
      baseMs: { audio: 2 ** 30, video: 2 ** 30 },
      disturbances: [{ kind: 'jump', atMs: 9000, byMs }],
    } as const;
    check(source);
    const runs = offsets(source);
    assert.ok(Math.max(...runs) - Math.min(...runs) < (Math.abs(byMs) < 1000 ? 750 : 60), `${byMs}`);
  }
});

test('after a jump audio is as far from its video as the stamps say, not as it arrives', () => {
  for (const byMs of [3_600_000, -3_600_000, 2100, -700]) {
    const jump = { kind: 'jump', atMs: 9000, byMs } as const;
    const baseMs = { audio: 2 ** 30, video: 2 ** 30 };
    const placed = place(messagesOf({ ...plain, baseMs, audioLateMs: 400, lumpMs: 300, disturbances: [jump] }));
    const late = placed.filter(({ trueMs }) => trueMs > 11_000);
    const runs = late.map((m) => m.mediaMs - m.trueMs);
    assert.ok(late.length > 500 && Math.max(...runs) - Math.min(...runs) < 1.1, `${byMs}`);
  }
});

test('audio that starts at 0 and frames that start at an hour are put beside each other as they arrive', () => {
  for (const lumpMs of [0, 200]) {
    check({ ...plain, lumpMs, baseMs: { audio: 0, video: 3_600_000 } });
    check({ ...plain, lumpMs, baseMs: { audio: 3_600_000, video: 0 } });
  }
});

test('a burst of cached frames does not put tracks of different bases apart', () => {
  const cached = messagesOf({ ...plain, baseMs: { audio: 0, video: 3_600_000 } }).map((message) => {
    const arrivalMs = message.track === 'video' ? Math.max(message.arrivalMs, 2050) : message.arrivalMs;
    return { ...message, arrivalMs };
  });
  const placed = place(cached.sort((one, other) => one.arrivalMs - other.arrivalMs));
  const at = (track: SourceTrack) => placed.findLast((message) => message.track === track);
  const [audio, frame] = [at('audio'), at('video')];
  assert.ok(audio !== undefined && frame !== undefined);
  assert.ok(Math.abs(audio.mediaMs - audio.trueMs - (frame.mediaMs - frame.trueMs)) <= toleranceMs);
});

test('frames that catch up for a second do not put tracks of different bases apart', () => {
  const caughtUp = messagesOf({ ...plain, baseMs: { audio: 0, video: 3_600_000 } }).map((message) => {
    const arrivalMs = Math.max(message.arrivalMs, 1000 + message.trueMs / 2);
    return message.track === 'video' ? { ...message, arrivalMs } : message;
  });
  const placed = place(caughtUp.sort((one, other) => one.arrivalMs - other.arrivalMs));
  const late = placed.filter(({ trueMs }) => trueMs > 3100).map((m) => m.mediaMs - m.trueMs);
  assert.ok(Math.max(...late) - Math.min(...late) <= toleranceMs);
});

test('once tracks of different bases stand beside each other, stamps decide and arrival does not', () => {
  const source = { ...plain, baseMs: { audio: 0, video: 3_600_000 } };
  const later = messagesOf(source).map((message) => {
    const lateMs = message.track === 'audio' && message.trueMs > 6000 ? 100 : 0;
    return { ...message, arrivalMs: message.arrivalMs + lateMs };
  });
  const placed = place(later.sort((one, other) => one.arrivalMs - other.arrivalMs));
  const runs = placed.filter(({ trueMs }) => trueMs > 3000).map((m) => m.mediaMs - m.trueMs);
  assert.ok(Math.max(...runs) - Math.min(...runs) <= toleranceMs);
});

test('frames that jump back to where the audio ended long ago go on all the same', () => {
  const silence = { kind: 'silence', track: 'audio', atMs: 5000, forMs: 60_000 } as const;
  const runs = offsets({ ...plain, disturbances: [silence, { kind: 'jump', atMs: 15_000, byMs: -10_000 }] });
  assert.ok(Math.max(...runs) - Math.min(...runs) < 60);
});

test('a frame every 3 s, sent in one burst with its audio, is no jump', () => {
  const slides = messagesOf(plain).filter(({ track, trueMs }) => track === 'audio' || trueMs % 3000 < 1);
  const burst = slides
    .map((message) => ({ ...message, arrivalMs: 50 }))
    .sort((one, other) => one.trueMs - other.trueMs);
  const runs = place(burst).map((m) => m.mediaMs - m.trueMs);
  assert.ok(Math.max(...runs) - Math.min(...runs) < 1.1);
});

test('sequence headers stamped 0 before and among media stamped otherwise disturb nothing for long', () => {
  const falseStamps = (['audio', 'video'] as const).flatMap((track) =>
    [0, 7000, 9000].map((atMs) => ({ kind: 'falseStamp', track, atMs, stampMs: 0 }) as const),
  );
  const disturbances = falseStamps.sort((one, other) => one.atMs - other.atMs);
  check({ ...plain, baseMs: { audio: 4_000_000, video: 4_000_000 }, disturbances });
  check({ ...plain, baseMs: { audio: 8000, video: 8000 }, disturbances });
});

test('a clock that stands still is replaced by arrival, and taken up again wherever it goes on', () => {
  for (const resumes of ['there', 'onTime'] as const) {
    for (const forMs of [400, 1500, 6000]) {
      const source = { ...plain, disturbances: [{ kind: 'stuck', atMs: 7000, forMs, resumes }] } as const;
      check(source);
      const runs = offsets(source);
      assert.ok(Math.max(...runs) - Math.min(...runs) < 350, `${resumes} ${forMs}`);
    }
  }
});

test('a clock that stands still is known as such however it rounds', () => {
  const clock = createSourceClock(maxApartMs);
  const places = Array.from({ length: 90 }, (_, n) => clock.place('video', 1000 + (n % 2), n * 33));
  const behindMs = places.map((ms, n) => n * 33 - (ms - (places[0] ?? 0)));
  assert.ok(Math.max(...behindMs) < 350, `${Math.max(...behindMs)} ms behind`);
});

test('a clock that ticks only every half second runs no faster than time', () => {
  const coarse = messagesOf(plain).map((message) => ({ ...message, stampMs: Math.floor(message.stampMs / 500) * 500 }));
  const runs = place(coarse).map((m) => m.mediaMs - m.trueMs);
  assert.ok(Math.max(...runs) - Math.min(...runs) < 550);
});

test('a clock of other units than milliseconds is replaced by arrival', () => {
  for (const unit of [90, 1000]) {
    const odd = messagesOf(plain).map((message) => ({ ...message, stampMs: (message.stampMs * unit) % 2 ** 32 }));
    const placed = place(odd).filter(({ trueMs }) => trueMs > 1000);
    const runs = placed.map((m) => m.mediaMs - m.trueMs);
    assert.ok(Math.max(...runs) - Math.min(...runs) < 200, `${unit}: ${Math.max(...runs) - Math.min(...runs)} ms`);
  }
});

test('a clock that runs backwards is replaced by arrival', () => {
  const odd = messagesOf(plain).map((message) => ({ ...message, stampMs: 3_600_000 - message.stampMs }));
  const runs = place(odd)
    .filter(({ trueMs }) => trueMs > 2000)
    .map((m) => m.mediaMs - m.trueMs);
  assert.ok(Math.max(...runs) - Math.min(...runs) < 100, `${Math.max(...runs) - Math.min(...runs)} ms`);
});

test('over a reconnect the line goes on by as much as real time did', () => {
  const source = { ...plain, disturbances: [{ kind: 'reconnect', atMs: 8000, forMs: 4000, stampMs: 77 }] } as const;
  check(source);
  const runs = offsets(source);
  assert.ok(Math.max(...runs) - Math.min(...runs) < 60);
});

test('audio that appears a minute later joins the frames by its stamps', () => {
  const runs = offsets({
    ...plain,
    seconds: 70,
    lumpMs: 300,
    disturbances: [{ kind: 'silence', track: 'audio', atMs: 0, forMs: 60_000 }],
  });
  assert.ok(Math.max(...runs) - Math.min(...runs) < 1);
});

test('messages of one track with one stamp never share their time', () => {
  const clock = createSourceClock(maxApartMs);
  const places = [0, 40, 40, 40, 80].map((stampMs, n) => clock.place('video', stampMs, n));
  assert.deepEqual(
    places.map((ms) => ms - (places[0] ?? 0)),
    [0, 40, 41, 42, 80],
  );
});

const disturbance: fc.Arbitrary<(atMs: number) => Disturbance> = fc.oneof(
  fc.integer({ min: 2500, max: 4_000_000 }).map((byMs) => (atMs: number) => ({ kind: 'jump', atMs, byMs }) as const),
  fc
    .integer({ min: 600, max: 4_000_000 })
    .map((byMs) => (atMs: number) => ({ kind: 'jump', atMs, byMs: -byMs }) as const),
  fc
    .record({ forMs: fc.integer({ min: 100, max: 5000 }), resumes: fc.constantFrom('there', 'onTime') })
    .map((stuck) => (atMs: number) => ({ kind: 'stuck', atMs, ...stuck }) as const),
  fc
    .record({ track: fc.constantFrom('audio', 'video'), stampMs: fc.constantFrom(0, 12_345_678, 2 ** 32 - 1) })
    .map((what) => (atMs: number) => ({ kind: 'falseStamp', atMs, ...what }) as const),
  fc.integer({ min: 100, max: 5000 }).map((forMs) => (atMs: number) => ({ kind: 'stall', atMs, forMs }) as const),
  fc
    .record({ forMs: fc.integer({ min: 0, max: 6000 }), stampMs: fc.integer({ min: 0, max: 2 ** 32 - 1 }) })
    .map((what) => (atMs: number) => ({ kind: 'reconnect', atMs, ...what }) as const),
  fc
    .record({ track: fc.constantFrom('audio', 'video'), forMs: fc.integer({ min: 100, max: 5000 }) })
    .map((what) => (atMs: number) => ({ kind: 'silence', atMs, ...what }) as const),
);

test('whatever a source does, a million messages never run backward and audio is with its video again within 2 s', () => {
  const spacingMs = 10_000;
  const source = fc.record({
    start: fc.oneof(
      fc
        .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 150))
        .map(([ms, audioLateMs]) => ({ baseMs: { audio: ms, video: ms }, audioLateMs })),
      // Where only arrival says, the audio must arrive with its video.
      fc.constant({ baseMs: { audio: 0, video: 3_600_000 }, audioLateMs: 0 }),
    ),
    disturbances: fc
      .array(disturbance, { minLength: 12, maxLength: 12 })
      .map((makers) => makers.map((make, n) => make((n + 1) * spacingMs))),
    lumpMs: fc.constantFrom(0, 0, 150, 300),
    random: fc.integer().map(seeded),
  });
  let messages = 0;
  const property = fc.property(source, ({ start, ...made }) => {
    messages += check({ ...start, ...made, seconds: 140, wrapsMs: 2 ** 32 });
  });
  fc.assert(property, { numRuns: 110 });
  assert.ok(messages >= 1_000_000, `${messages}`);
});
