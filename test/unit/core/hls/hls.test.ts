import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fragment, InitSegment } from '../../../../src/core/fragments/fragment.js';
import { eventLengthMs, eventTargetS, renderEvent } from '../../../../src/core/hls/event-playlist.js';
import { holds, nextPart, renderPlaylist } from '../../../../src/core/hls/playlist.js';
import { HlsWindow } from '../../../../src/core/hls/window.js';

const init: InitSegment = {
  kind: 'init',
  data: Uint8Array.of(1),
  codecs: ['avc1.64001f', 'mp4a.40.2'],
  timescales: { video: 90_000, audio: 48_000 },
  videoCodec: 'H264',
  audioCodec: 'AAC',
  width: 640,
  height: 360,
};
const limits = { partMs: 300, segmentMs: 1000, windowMs: 4000, maxBytes: 1_000_000 };
const names = {
  init: (n: number) => `i${n}`,
  segment: (msn: number) => `s${msn}`,
  part: (msn: number, part: number) => `s${msn}.${part}`,
};
const frameMs = 40;

/** Frames of 25 a second from `fromMs` on, a keyframe each second. */
function play(window: HlsWindow, fromMs: number, untilMs: number, keyframeMs = 1000): void {
  for (let startMs = fromMs; startMs < untilMs; startMs += frameMs) {
    const isKeyframe = (startMs - fromMs) % keyframeMs === 0;
    const frame: Fragment = {
      kind: 'fragment',
      track: 'video',
      data: new Uint8Array(10),
      isKeyframe,
      startMs,
      durationMs: frameMs,
    };
    window.add(frame, startMs + frameMs);
    window.add({ ...frame, track: 'audio', isKeyframe: false, data: new Uint8Array(2) }, startMs);
  }
}

test('segments begin with keyframes, parts are no longer than their target, and nothing is left out', () => {
  const window = new HlsWindow(limits);
  window.addInit(init);
  play(window, 10_000, 13_500);
  const whole = window.segments.filter(({ isWhole }) => isWhole);
  assert.deepEqual(
    whole.map(({ msn, durationMs, startedAtMs }) => [msn, durationMs, startedAtMs]),
    [
      [0, 1000, 10_000],
      [1, 1000, 11_000],
      [2, 1000, 12_000],
    ],
  );
  for (const { parts } of whole) {
    assert.deepEqual(
      parts.map(({ durationMs }) => durationMs),
      [280, 280, 280, 160],
    );
    assert.deepEqual(
      parts.map(({ isIndependent }) => isIndependent),
      [true, false, false, false],
    );
    assert.equal(
      parts.reduce((sum, { data }) => sum + data.length, 0),
      25 * 10 + 25 * 2,
    );
  }
});

test('the playlist is that of RFC 8216bis: parts of the newest segments, and the next one as a hint', () => {
  const window = new HlsWindow(limits);
  window.addInit(init);
  play(window, 0, 1400);
  assert.equal(
    renderPlaylist(window, names, false),
    [
      '#EXTM3U',
      '#EXT-X-VERSION:9',
      '#EXT-X-TARGETDURATION:1',
      '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.90000',
      '#EXT-X-PART-INF:PART-TARGET=0.30000',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-DISCONTINUITY-SEQUENCE:0',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MAP:URI="i0"',
      '#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.000Z',
      '#EXT-X-PART:DURATION=0.28000,URI="s0.0",INDEPENDENT=YES',
      '#EXT-X-PART:DURATION=0.28000,URI="s0.1"',
      '#EXT-X-PART:DURATION=0.28000,URI="s0.2"',
      '#EXT-X-PART:DURATION=0.16000,URI="s0.3"',
      '#EXTINF:1.00000,',
      's0',
      '#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:01.000Z',
      '#EXT-X-PART:DURATION=0.28000,URI="s1.0",INDEPENDENT=YES',
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="s1.1"',
      '',
    ].join('\n'),
  );
  assert.match(renderPlaylist(window, names, true), /#EXT-X-ENDLIST\n$/);
});

test('a blocking request is answered when its part is there', () => {
  const window = new HlsWindow(limits);
  assert.deepEqual(nextPart(window), [0, 0]);
  window.addInit(init);
  play(window, 0, 1400);
  assert.deepEqual(nextPart(window), [1, 1]);
  assert.deepEqual(
    [holds(window, 0, null), holds(window, 1, 0), holds(window, 1, 1), holds(window, 1, null)],
    [true, true, false, false],
  );
});

test('another init segment, or a hole, is a discontinuity', () => {
  const window = new HlsWindow(limits);
  window.addInit(init);
  play(window, 0, 1000);
  play(window, 3000, 4000);
  window.addInit(init);
  play(window, 4000, 5080);
  assert.deepEqual(
    window.segments.map(({ isDiscontinuity, init: number }) => [isDiscontinuity, number]),
    [
      [false, 0],
      [true, 0],
      [true, 1],
      [false, 1],
    ],
  );
});

test('what is older than the window goes, with the init segments that nothing needs any more', () => {
  const window = new HlsWindow(limits);
  window.addInit(init);
  play(window, 0, 1000);
  window.addInit(init);
  play(window, 1000, 20_000);
  const total = window.segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
  assert.ok(total >= 4000 && total <= 6000, `${total} ms`);
  assert.deepEqual([window.initOf(0), window.initOf(1)], [null, init]);
  assert.equal(window.discontinuitySequence, 1);
  const small = new HlsWindow({ ...limits, maxBytes: 1 });
  small.addInit(init);
  play(small, 0, 20_000);
  assert.equal(small.segments.filter(({ isWhole }) => isWhole).length, 4);
});

/** A frame every 40 ms, of which the first alone is a keyframe. */
function playOneGroup(window: HlsWindow, frames: number, track: 'video' | 'audio' = 'video'): void {
  const data = new Uint8Array(500_000);
  for (let frame = 0; frame < frames; frame += 1) {
    const startMs = frame * frameMs;
    const isKeyframe = frame === 0 && track === 'video';
    window.add({ kind: 'fragment', track, data, isKeyframe, startMs, durationMs: frameMs }, startMs + frameMs);
  }
}

const heldBytes = ({ segments }: HlsWindow): number =>
  segments.reduce((sum, { parts }) => sum + parts.reduce((all, { data }) => all + data.length, 0), 0);

test('a stream without further keyframes, or without further pictures, fills no memory', () => {
  const window = new HlsWindow(limits);
  window.addInit(init);
  playOneGroup(window, 150);
  assert.ok(heldBytes(window) < 50_000_000, `${heldBytes(window)} of 75,000,000 bytes`);
  assert.deepEqual(
    window.segments.slice(1).map(({ isDiscontinuity, init: number }) => [isDiscontinuity, number]),
    window.segments.slice(1).map(() => [false, 0]),
  );
  const list = renderPlaylist(window, names, false);
  assert.doesNotMatch(list, /INDEPENDENT/);
  const endMs = window.endMs;
  playOneGroup(window, 150, 'audio');
  assert.ok(heldBytes(window) < 50_000_000, `${heldBytes(window)} bytes`);
  assert.equal(window.endMs, endMs);
  play(window, 20_000, 25_000);
  assert.match(renderPlaylist(window, names, false), /#EXT-X-INDEPENDENT-SEGMENTS/);
});

test('a whole segment and its parts are the same memory', () => {
  const window = new HlsWindow(limits);
  window.addInit(init);
  play(window, 0, 1400);
  const [first] = window.segments;
  assert.ok(first !== undefined);
  assert.deepEqual(Buffer.concat(first.parts.map(({ data }) => data)), Buffer.from(first.data));
  for (const { data } of first.parts) assert.equal(data.buffer, first.data.buffer);
});

test('a stream of audio alone is cut by its length', () => {
  const window = new HlsWindow(limits);
  window.addInit({ ...init, timescales: { audio: 48_000 } });
  for (let startMs = 0; startMs < 3000; startMs += 20) {
    window.add(
      { kind: 'fragment', track: 'audio', data: new Uint8Array(5), isKeyframe: false, startMs, durationMs: 20 },
      startMs,
    );
  }
  assert.deepEqual(
    window.segments.filter(({ isWhole }) => isWhole).map(({ durationMs }) => durationMs),
    [1000, 1000],
  );
});

const listOf = (...of: Parameters<typeof renderEvent>): string => {
  const { head, segments } = renderEvent(...of);
  return Buffer.concat([head, segments]).toString();
};

test('a recording in progress is a list of the ranges that lie on the disk', () => {
  const points = [
    { offset: 1200, atMs: 0 },
    { offset: 5200, atMs: 2000 },
    { offset: 9200, atMs: 4400 },
    { offset: 13_200, atMs: 6000 },
  ];
  const first = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:EVENT',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-START:TIME-OFFSET=3,PRECISE=YES',
    '#EXT-X-MAP:URI="r.mp4",BYTERANGE="1200@0"',
    '#EXTINF:2.00000,',
    '#EXT-X-BYTERANGE:4000@1200',
    'r.mp4',
    '#EXTINF:2.40000,',
    '#EXT-X-BYTERANGE:4000@5200',
    'r.mp4',
  ];
  assert.equal(listOf({ initBytes: 1200, points, sizeBytes: 13_000 }, 'r.mp4', 3), [...first, ''].join('\n'));
  const more = ['#EXTINF:1.60000,', '#EXT-X-BYTERANGE:4000@9200', 'r.mp4', ''];
  assert.equal(listOf({ initBytes: 1200, points, sizeBytes: 13_200 }, 'r.mp4', 3), [...first, ...more].join('\n'));
  assert.equal(eventLengthMs({ initBytes: 1200, points, sizeBytes: 13_200 }), 6000);
});

test('what a recording of days offers is put into words once, for all who ask', () => {
  const points = Array.from({ length: 200_000 }, (_, n) => ({ offset: 1200 + n * 1000, atMs: n * 1000 }));
  const recorded = { initBytes: 1200, points, sizeBytes: 1e9 };
  const one = renderEvent(recorded, 'r.mp4', 0).segments;
  assert.equal(renderEvent(recorded, 'r.mp4', 7).segments, one);
  const withToken = renderEvent(recorded, 'r.mp4?token=t', 0).segments;
  assert.notEqual(withToken, one);
  assert.deepEqual(
    [renderEvent(recorded, 'r.mp4?token=t', 0).segments === withToken, eventTargetS(recorded)],
    [true, 1],
  );
  points.push({ offset: 1200 + 200_000 * 1000, atMs: 200_000_000 });
  const grown = renderEvent(recorded, 'r.mp4', 0).segments;
  assert.ok(grown.length > one.length && Buffer.from(grown).subarray(0, one.length).equals(one));
});

test('a player may go back over all but the oldest segment, which may go at any moment', () => {
  const window = new HlsWindow(limits);
  assert.deepEqual([window.lengthMs, window.depthMs], [0, 0]);
  window.addInit(init);
  play(window, 0, 3400);
  assert.deepEqual([window.lengthMs, window.depthMs], [3280, 2280]);
});
