import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duePackets, resumeAt, startPacing, type VideoPlace } from '../../../../actors/fanout/video-place.js';

const log = { first: 100, end: 540, gopStart: 100 };

function pacing(place: VideoPlace): Extract<VideoPlace, { kind: 'pacing' }> {
  assert.equal(place.kind, 'pacing');
  return place.kind === 'pacing' ? place : assert.fail();
}

test('a burst goes out evenly over its time', () => {
  const place = pacing(startPacing(log, 100, 30, 1000));
  assert.deepEqual(
    [1000, 1003, 1015, 1029].map((nowMs) => duePackets(place, nowMs)),
    [1, 44, 220, 426],
  );
  assert.equal(duePackets({ ...place, sent: 200 }, 1015), 20);
  assert.equal(duePackets({ ...place, sent: 300 }, 1015), 1, 'at least one');
});

test('a burst beyond 440 packets takes longer, in proportion', () => {
  const place = pacing(startPacing({ ...log, end: 980 }, 100, 30, 0));
  assert.equal(place.paceMs, 60);
});

test('when the time of a burst is over, all is due that came meanwhile too', () => {
  const place = pacing(startPacing(log, 100, 30, 1000));
  assert.equal(duePackets({ ...place, sent: 440 }, 1030), Number.POSITIVE_INFINITY);
  assert.equal(duePackets(pacing(startPacing(log, 100, 0, 1000)), 1000), Number.POSITIVE_INFINITY);
});

test('goes on at a key picture beyond the cursor, else where it stood while the log has it, else waits', () => {
  assert.equal(resumeAt({ ...log, gopStart: 300 }, 200), 300);
  assert.equal(resumeAt({ ...log, gopStart: 300 }, 400), 400);
  assert.equal(resumeAt({ ...log, gopStart: null }, 99), null);
  assert.equal(resumeAt({ ...log, gopStart: null }, 100), 100);
});
