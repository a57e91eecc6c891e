import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageKind } from '../../../../actors/stream/demuxer.js';
import { IdleGop } from '../../../../actors/stream/idle-gop.js';
import type { Glance } from '../../../../src/core/access-unit/picture.js';
import type { MediaMessage } from '../../../../src/core/rtmp/media-message.js';

const bytesOf = {
  keyframe: [0x17, 1],
  frame: [0x27, 1],
  config: [0x17, 0],
  before: [0x27, 2],
  gradual: [0x27, 3],
} as const;

/** Every message by the time at which it was sent and arrived. */
const video = (kind: keyof typeof bytesOf, ms: number, dataBytes = 10, fill = 0): MediaMessage => ({
  track: 'video',
  timestampMs: ms,
  body: Uint8Array.from([...bytesOf[kind], ...Array(dataBytes).fill(fill)]),
});
const audio = (ms: number): MediaMessage => ({ track: 'audio', timestampMs: ms, body: Uint8Array.of(0xaf, 1, 5) });
const data = (ms: number): MediaMessage => ({ track: 'data', timestampMs: ms, body: Uint8Array.of(2, 0, 0) });

function kindOf({ track, body }: MediaMessage): MessageKind {
  if (track === 'data') return 'other';
  if (track === 'audio') return body[1] === 1 ? 'frame' : 'config';
  return body[1] === 0 ? 'config' : 'frame';
}

/** By made-up marks: a configuration and what was not seen before are not known. */
function glanceAt({ body: [first = 0, second] }: MediaMessage): Glance | null {
  if (second === 2) return 'before';
  if (second === 3) return 'gradual';
  if (second !== 1) return null;
  return first >> 4 === 1 ? 'entry' : 'picture';
}

/** Each message that is passed on as "track time", each gap as "gap". */
function openGop(maxBytes = 1000) {
  const seen: string[] = [];
  const flushed: number[] = [];
  const dropped: number[] = [];
  let isIdle = false;
  let isKnown = false;
  let learns = true;
  const gop = new IdleGop({
    maxBytes,
    isIdle: () => isIdle,
    glance: (message) => (isKnown ? glanceAt(message) : null),
    pass(message, arrivedMs) {
      assert.equal(arrivedMs, message.timestampMs);
      seen.push(`${message.track} ${message.timestampMs}`);
      gop.passed(message, kindOf(message));
      isKnown ||= learns && kindOf(message) === 'frame' && message.track === 'video' && message.timestampMs >= 2;
    },
    onLeft: () => {},
    onFlush: (bytes) => flushed.push(bytes),
    onGap: () => seen.push('gap'),
    onDropped: (bytes) => dropped.push(bytes),
  });
  return {
    gop,
    flushed,
    dropped,
    receive: (...messages: readonly MediaMessage[]) => {
      for (const message of messages) gop.receive(message, message.timestampMs);
    },
    setIdle(idle: boolean): void {
      isIdle = idle;
    },
    /** From now on nothing is known of what comes. */
    forget(): void {
      isKnown = false;
      learns = false;
    },
    take: (): readonly string[] => seen.splice(0),
  };
}

/** A stream of which each kind of tag has come once, idle from then on. */
function openIdle(maxBytes?: number) {
  const opened = openGop(maxBytes);
  opened.receive(video('config', 0), video('keyframe', 1), video('frame', 2), audio(3));
  opened.setIdle(true);
  opened.take();
  return opened;
}

test('while somebody watches, all goes on at once', () => {
  const { gop, receive, take } = openGop();
  receive(video('config', 0), video('keyframe', 1), audio(2), video('frame', 3), data(4));
  assert.deepEqual(take(), ['video 0', 'video 1', 'audio 2', 'video 3', 'data 4']);
  assert.deepEqual(gop.left, { audioFrames: 0, videoFrames: 0, videoKeyframes: 0 });
});

test('while nobody does, what has not been seen yet goes on, and frames wait from the newest keyframe on', () => {
  const { gop, flushed, dropped, receive, setIdle, take } = openGop();
  setIdle(true);
  receive(video('config', 0), video('keyframe', 1), video('frame', 2), audio(3), data(4));
  assert.deepEqual(take(), ['video 0', 'video 1', 'video 2', 'audio 3', 'data 4']);
  receive(
    video('keyframe', 5),
    video('frame', 6),
    audio(7),
    video('keyframe', 8),
    video('frame', 9),
    video('frame', 10),
  );
  assert.deepEqual(take(), ['gap']);
  assert.deepEqual(gop.left, { audioFrames: 1, videoFrames: 5, videoKeyframes: 2 });
  assert.equal(gop.heldBytes, 36);
  gop.flush();
  assert.deepEqual(take(), ['video 8', 'video 9', 'video 10']);
  assert.deepEqual(flushed, [36]);
  assert.deepEqual(dropped, [0, 24]);
  assert.deepEqual(gop.left, { audioFrames: 1, videoFrames: 2, videoKeyframes: 1 });
  assert.equal(gop.heldBytes, 0);
});

test('a stream that falls idle in the middle of a GOP keeps the rest of it', () => {
  const { gop, receive, take } = openIdle();
  receive(video('frame', 4), video('frame', 5));
  assert.deepEqual(take(), []);
  gop.flush();
  assert.deepEqual(take(), ['video 4', 'video 5']);
  // And so on, after a look in between.
  receive(video('frame', 6));
  gop.flush();
  assert.deepEqual(take(), ['video 6']);
});

test('a configuration that is repeated changes nothing; another one makes what is kept worthless', () => {
  const { gop, receive, take } = openIdle();
  receive(video('keyframe', 4), video('config', 5), video('frame', 6));
  gop.flush();
  assert.deepEqual(take(), ['gap', 'video 5', 'video 4', 'video 6']);
  receive(video('keyframe', 7), video('config', 8, 10, 1), video('frame', 9));
  gop.flush();
  assert.deepEqual(take(), ['gap', 'video 8']);
  receive(video('keyframe', 10), video('frame', 11));
  gop.flush();
  assert.deepEqual(take(), ['video 10', 'video 11']);
});

test('a GOP beyond the limit is not kept, and nothing of it, until the next keyframe', () => {
  const { gop, receive, take } = openIdle(100);
  receive(video('keyframe', 4, 60), video('frame', 5, 60), video('frame', 6));
  assert.equal(gop.heldBytes, 0);
  gop.flush();
  assert.deepEqual(take(), ['gap']);
  receive(video('keyframe', 7), video('frame', 8));
  gop.flush();
  assert.deepEqual(take(), ['video 7', 'video 8']);
  assert.equal(gop.left.videoFrames, 3);
});

test('of a new session everything goes on until it is known, and nothing of the one before', () => {
  const { gop, receive, take, forget } = openIdle();
  receive(video('keyframe', 4), video('frame', 5));
  take();
  gop.newSession();
  forget();
  gop.flush();
  receive(video('keyframe', 6), video('frame', 7), audio(8));
  assert.deepEqual(take(), ['video 6', 'video 7', 'audio 8']);
});

test('parameter sets and SEI in messages of their own are kept with the picture that they stand before', () => {
  const { gop, receive, take } = openIdle();
  receive(video('frame', 4), video('before', 5), video('before', 6), video('keyframe', 7), video('frame', 8));
  assert.deepEqual(gop.left, { audioFrames: 0, videoFrames: 3, videoKeyframes: 1 });
  gop.flush();
  assert.deepEqual(take(), ['gap', 'video 5', 'video 6', 'video 7', 'video 8']);
});

test('where pictures are whole only some frames behind a start, those since the one before it are kept too', () => {
  const { gop, receive, take } = openIdle();
  const round = (ms: number) => [video('before', ms), video('gradual', ms + 1), video('frame', ms + 2)];
  receive(...round(10), ...round(20), ...round(30), ...round(40));
  gop.flush();
  assert.deepEqual(
    take(),
    ['gap', 30, 31, 32, 40, 41, 42].map((at) => (typeof at === 'number' ? `video ${at}` : at)),
  );
});
