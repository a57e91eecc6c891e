import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  beginAgain,
  duePackets,
  goOn,
  type Pacing,
  resumeAt,
  startPacing,
  type VideoPlace,
} from '../../../../actors/fanout/video-place.js';

const log = { first: 100, end: 220, gopStart: 100 };

function pacing(place: VideoPlace): Pacing {
  assert.equal(place.kind, 'pacing');
  return place.kind === 'pacing' ? place : assert.fail();
}

test('a burst goes out evenly over its time', () => {
  const place = pacing(startPacing(log, 100, 30, 1000));
  assert.deepEqual(
    [1000, 1003, 1015, 1029].map((nowMs) => duePackets(place, 120, nowMs)),
    [1, 12, 60, 116],
  );
  assert.equal(duePackets({ ...place, sent: 40 }, 80, 1015), 20);
  assert.equal(duePackets({ ...place, sent: 100 }, 20, 1015), 1, 'at least one');
});

test('a first burst is ahead of its pace, but never by more than a browser that does not read can hold', () => {
  const place = pacing(startPacing(log, 100, 30, 1000, 32));
  assert.equal(place.paceMs, 30);
  assert.deepEqual(
    [1000, 1006, 1012, 1019, 1020, 1021, 1029].map((nowMs) => duePackets(place, 120, nowMs)),
    [32, 56, 80, 80, 80, 84, 116],
  );
  assert.equal(duePackets({ ...place, sent: 80 }, 40, 1015), 0, 'it waits for its pace');
  assert.equal(duePackets({ ...place, sent: 80 }, 40, 1022), 8);
  const short = pacing(startPacing({ ...log, end: 120 }, 100, 30, 1000, 32));
  assert.equal(duePackets(short, 20, 1000), 20);
  assert.deepEqual(goOn(short, 20, { ...log, end: 120 }, 120, 30, 1000), { kind: 'live' });
});

test('a burst takes as long as its packets are many', () => {
  const paceOf = (end: number): number => pacing(startPacing({ ...log, end }, 100, 30, 0)).paceMs;
  assert.deepEqual([104, 220, 340].map(paceOf), [1, 30, 60]);
});

test('when the time of a burst is over, all is due, and the little that came meanwhile too', () => {
  const place = pacing(startPacing(log, 100, 30, 1000));
  assert.equal(duePackets({ ...place, sent: 110 }, 10 + 32, 1030), 42);
  assert.equal(duePackets(pacing(startPacing(log, 100, 0, 1000)), 120, 1000), 120);
});

test('what came meanwhile to a long burst is a burst again, of half the time at most, and the end of the history the live edge', () => {
  const place = { ...startPacing(log, 100, 30, 1000), sent: 110 };
  assert.equal(duePackets(place, 10 + 33, 1030), 10);
  const behind = { ...log, end: 253 };
  assert.deepEqual(goOn(place, 4, behind, 214, 30, 1030), { ...place, sent: 114 });
  assert.deepEqual(goOn(place, 10, behind, 220, 30, 1030), startPacing(behind, 220, 30, 1030));
  const long = { ...log, end: 1220 };
  assert.deepEqual(goOn(place, 10, long, 220, 30, 1030), { ...startPacing(long, 220, 30, 1030), paceMs: 15 });
  assert.deepEqual(goOn(place, 43, behind, 253, 30, 1030), { kind: 'live' });
});

test('a viewer comes to the live edge of a stream of any bitrate', () => {
  // 20 packets a millisecond: 190 Mbit/s.
  let [end, cursor] = [2000, 0];
  let place: VideoPlace = startPacing({ first: 0, end, gopStart: 0 }, cursor, 30, 0);
  let nowMs = 0;
  for (; place.kind === 'pacing' && nowMs < 2000; nowMs += 2) {
    end += 40;
    const sent = Math.min(end - cursor, duePackets(place, end - cursor, nowMs));
    cursor += sent;
    place = goOn(place, sent, { first: 0, end, gopStart: 0 }, cursor, 30, nowMs);
  }
  assert.equal(place.kind, 'live');
  assert.ok(nowMs < 1100, `after ${nowMs} ms, where the first burst took 500`);
});

test('a viewer gets whole keyframes although each is overtaken by the next before a usual burst of it ends', () => {
  // 6,200 packets a second, which a usual burst spreads over 1.5 s; of an older keyframe nothing is left.
  const keyPackets = 6200;
  let place: VideoPlace = startPacing({ first: 0, end: keyPackets, gopStart: 0 }, 0, 30, 0);
  let cursor = 0;
  let nowMs = 0;
  for (; place.kind === 'pacing' && nowMs < 10_000; nowMs += 2) {
    const first = Math.floor(nowMs / 1000) * keyPackets;
    const history = { first, end: first + keyPackets, gopStart: first };
    if (cursor < first) {
      cursor = first;
      place = beginAgain(place, history, cursor, 30, nowMs);
    }
    const sent = Math.min(history.end - cursor, duePackets(place, history.end - cursor, nowMs));
    cursor += sent;
    place = goOn(place, sent, history, cursor, 30, nowMs);
  }
  assert.deepEqual([place.kind, nowMs < 2000], ['live', true], `after ${nowMs} ms`);
});

test('goes on at a keyframe beyond the cursor, else where it stood while the history has it, else waits', () => {
  assert.equal(resumeAt({ ...log, gopStart: 300 }, 200), 300);
  assert.equal(resumeAt({ ...log, gopStart: 300 }, 400), 400);
  assert.equal(resumeAt({ ...log, gopStart: null }, 99), null);
  assert.equal(resumeAt({ ...log, gopStart: null }, 100), 100);
});
