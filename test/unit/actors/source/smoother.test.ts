import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createSmoother } from '../../../../actors/source/smoother.js';

function open(t: TestContext, delayMs: number, maxBytes = 1_000_000) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  const passed: string[] = [];
  const smoother = createSmoother({
    delayMs,
    maxBytes,
    nowMs: () => nowMs,
    pass: ({ track, timestampMs }) => passed.push(`${track} ${timestampMs} at ${nowMs}`),
  });
  return {
    smoother,
    passed,
    receive: (track: 'audio' | 'video' | 'data', timestampMs: number, bytes = 10) =>
      smoother.receive({ track, timestampMs, body: new Uint8Array(bytes) }),
    goTo(ms: number) {
      for (; nowMs < ms; nowMs += 1) t.mock.timers.tick(1);
    },
  };
}

test('without a delay everything goes on at once', (t) => {
  const { receive, passed } = open(t, 0);
  receive('video', 500);
  receive('audio', 0);
  assert.deepEqual(passed, ['video 500 at 0', 'audio 0 at 0']);
});

test('a lump goes on by its stamps, each track by its own, and data at once', (t) => {
  const { receive, passed, goTo } = open(t, 100);
  for (const ms of [0, 40, 80]) receive('video', ms);
  receive('data', 0);
  receive('audio', 1000);
  assert.deepEqual(passed.splice(0), ['data 0 at 0']);
  goTo(200);
  // Which of them was early is known when the last has come: it is the one that counts.
  assert.deepEqual(passed.splice(0), ['video 0 at 100', 'video 40 at 100', 'video 80 at 100', 'audio 1000 at 100']);
  for (const ms of [120, 160, 200]) receive('video', ms);
  goTo(400);
  assert.deepEqual(passed, ['video 120 at 200', 'video 160 at 200', 'video 200 at 220']);
});

test('what is held goes on before another session, and beyond the bytes that may wait', (t) => {
  const { smoother, receive, passed } = open(t, 100, 25);
  receive('video', 0);
  receive('video', 40);
  smoother.flush();
  assert.deepEqual(passed.splice(0), ['video 0 at 0', 'video 40 at 0']);
  for (const ms of [0, 40, 80]) receive('video', ms);
  assert.equal(passed.length, 3);
});

test('after its end nothing goes on', (t) => {
  const { smoother, receive, passed, goTo } = open(t, 100);
  receive('video', 0);
  smoother.close();
  goTo(300);
  assert.deepEqual(passed, []);
});
