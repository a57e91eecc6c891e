import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SessionStart } from '../../../../actors/stream/session-start.js';
import { TagReader } from '../../../../src/core/flv/tag-reader.js';
import type { MediaMessage } from '../../../../src/core/rtmp/media-message.js';

const bodies: Readonly<Record<MediaMessage['track'], Buffer>> = {
  video: Buffer.of(0x27, 1, 0, 0, 0, 9),
  audio: Buffer.of(0xaf, 1, 9),
  data: Buffer.of(2),
};
const message = (track: MediaMessage['track'], timestampMs: number, body = bodies[track]): MediaMessage => ({
  track,
  timestampMs,
  body,
});
/** Enhanced RTMP: one frame of the track of that number. */
const ofTrack = (kind: 'audio' | 'video', trackId: number): Buffer =>
  Buffer.concat([
    Uint8Array.from(kind === 'video' ? [0xa6, 3] : [0x95, 1]),
    Buffer.from(kind === 'video' ? 'avc1' : 'Opus'),
    Uint8Array.of(trackId, 9),
  ]);

function stage(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = { ms: 0 };
  const passed: (readonly [track: string, stampMs: number, arrivedMs: number])[] = [];
  const late: number[] = [];
  const start = new SessionStart({
    tags: new TagReader(),
    nowMs: () => clock.ms,
    onLate: (ms) => late.push(ms),
    pass: ({ track, timestampMs }, arrivedMs) => passed.push([track, timestampMs, arrivedMs]),
  });
  const wait = (ms: number): void => {
    clock.ms += ms;
    t.mock.timers.tick(ms);
  };
  return { start, passed, late, wait };
}

test('the first session, and one that takes over without a pause, go on at once', (t) => {
  const { start, passed, late, wait } = stage(t);
  start.newSession();
  start.receive(message('video', 7));
  wait(400);
  start.newSession();
  start.receive(message('audio', 9));
  assert.deepEqual(passed, [
    ['video', 7, 0],
    ['audio', 9, 400],
  ]);
  assert.deepEqual(late, []);
});

test('after a pause the burst of a session is passed on together, its old audio left out, and how late it is told before', (t) => {
  const { start, passed, late, wait } = stage(t);
  start.receive(message('video', 0));
  wait(2000);
  start.newSession();
  // 300 ms of both tracks at once, then as it is made.
  for (const stampMs of [0, 100, 200, 300]) {
    start.receive(message('video', stampMs));
    start.receive(message('audio', stampMs));
  }
  wait(100);
  start.receive(message('audio', 400));
  start.receive(message('video', 400));
  assert.equal(passed.length, 1);
  wait(50);
  assert.deepEqual(passed.slice(1), [
    ['video', 0, 2150],
    ['video', 100, 2150],
    ['video', 200, 2150],
    ['video', 300, 2150],
    ['audio', 400, 2150],
    ['video', 400, 2150],
  ]);
  assert.deepEqual(late, [450]);
  start.receive(message('audio', 500));
  assert.deepEqual(passed.at(-1), ['audio', 500, 2150]);
});

test('so is the burst of a source whose tracks are 1 and 2', (t) => {
  for (const trackId of [1, 2]) {
    const { start, passed, late, wait } = stage(t);
    start.receive(message('video', 0));
    wait(2000);
    start.newSession();
    for (const stampMs of [0, 100, 200, 300]) {
      start.receive(message('video', stampMs, ofTrack('video', trackId)));
      start.receive(message('audio', stampMs, ofTrack('audio', trackId)));
    }
    wait(150);
    assert.deepEqual(
      [passed.slice(1).map(([track, stampMs]) => `${track} ${stampMs}`), late],
      [['video 0', 'video 100', 'video 200', 'video 300'], [450]],
    );
    t.mock.timers.reset();
  }
});

test('a burst that lasts is held until its stamps no longer run ahead of the time', (t) => {
  const { start, passed, late, wait } = stage(t);
  start.receive(message('video', 0));
  wait(2000);
  start.newSession();
  // 100 ms of media in 25 ms, for 300 ms; then as it is made.
  for (let n = 0; n <= 12; n += 1) {
    start.receive(message('video', n * 100));
    wait(25);
  }
  assert.equal(passed.length, 1);
  for (let n = 1; n <= 4; n += 1) {
    wait(25);
    start.receive(message('video', 1200 + n * 50));
    wait(25);
  }
  assert.ok(passed.length > 13, `${passed.length}`);
  const [[, firstMs = 0] = [], ...others] = passed.slice(1);
  const settledMs = (others.at(0)?.[2] ?? 0) - 2000;
  assert.deepEqual([firstMs, late.length], [0, 1]);
  assert.ok(settledMs > 300 && settledMs < 500, `${settledMs}`);
  // The burst brought 1200 ms in 300.
  assert.ok(Math.abs((late[0] ?? 0) - 900 - settledMs) <= 50, `${late[0]} of ${settledMs}`);
});

test('one that does not end is held for 600 ms', (t) => {
  const { start, passed, wait } = stage(t);
  start.receive(message('video', 0));
  wait(2000);
  start.newSession();
  for (let n = 0; n < 24; n += 1) {
    start.receive(message('video', n * 100));
    wait(25);
  }
  assert.equal(passed.length, 25);
});

test('a session that ends while it is held leaves nothing behind', (t) => {
  const { start, passed, wait } = stage(t);
  start.receive(message('video', 0));
  wait(2000);
  start.newSession();
  start.receive(message('video', 0));
  start.close();
  wait(1000);
  assert.equal(passed.length, 1);
});
