import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  duePackets,
  goOn,
  type Pacing,
  resumeAt,
  startPacing,
  type VideoPlace,
} from '../../../../actors/fanout/video-place.js';

const log = { first: 100, end: 340, gopStart: 100 };

function pacing(place: VideoPlace): Pacing {
  assert.equal(place.kind, 'pacing');
  return place.kind === 'pacing' ? place : assert.fail();
}

test('a burst goes out evenly over its time', () => {
  const place = pacing(startPacing(log, 100, 30, 1000));
  assert.deepEqual(
    [1000, 1003, 1015, 1029].map((nowMs) => duePackets(place, 240, nowMs)),
    [1, 24, 120, 232],
  );
  assert.equal(duePackets({ ...place, sent: 100 }, 140, 1015), 20);
  assert.equal(duePackets({ ...place, sent: 200 }, 40, 1015), 1, 'at least one');
});

test('a burst beyond 240 packets takes longer, in proportion', () => {
  const place = pacing(startPacing({ ...log, end: 580 }, 100, 30, 0));
  assert.equal(place.paceMs, 60);
});

test('when the time of a burst is over, all is due, and the little that came meanwhile too', () => {
  const place = pacing(startPacing(log, 100, 30, 1000));
  assert.equal(duePackets({ ...place, sent: 230 }, 10 + 32, 1030), 42);
  assert.equal(duePackets(pacing(startPacing(log, 100, 0, 1000)), 240, 1000), 240);
});

test('what came meanwhile to a long burst is a burst again, and the end of the log the live edge', () => {
  const place = { ...pacing(startPacing(log, 100, 30, 1000)), sent: 230 };
  assert.equal(duePackets(place, 10 + 33, 1030), 10);
  const behind = { ...log, end: 373 };
  assert.deepEqual(goOn(place, 4, behind, 334, 30, 1030), { ...place, sent: 234 });
  assert.deepEqual(goOn(place, 10, behind, 340, 30, 1030), startPacing(behind, 340, 30, 1030));
  assert.deepEqual(goOn(place, 43, behind, 373, 30, 1030), { kind: 'live' });
});

test('goes on at a key picture beyond the cursor, else where it stood while the log has it, else waits', () => {
  assert.equal(resumeAt({ ...log, gopStart: 300 }, 200), 300);
  assert.equal(resumeAt({ ...log, gopStart: 300 }, 400), 400);
  assert.equal(resumeAt({ ...log, gopStart: null }, 99), null);
  assert.equal(resumeAt({ ...log, gopStart: null }, 100), 100);
});
