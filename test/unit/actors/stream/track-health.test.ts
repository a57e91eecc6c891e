import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrackHealth } from '../../../../actors/stream/track-health.js';
import type { ErrorCode } from '../../../../src/errors.js';

function stage() {
  const told: string[] = [];
  const lines: string[] = [];
  let now = 0;
  let isVideoExpected = false;
  const health = createTrackHealth({
    isVideoExpected: () => isVideoExpected,
    nowMs: () => now,
    log: (_level, event, fields = {}) => lines.push([event, fields.track ?? fields.codec].join(' ')),
    onMissing: (missing) => told.push(missing.map(({ track, code }) => `${track} ${code}`).join(', ')),
    onUseless: (codecs) => told.push(`useless: ${codecs}`),
  });
  /** A message of that track every 100 ms. */
  const send = (track: 'audio' | 'video', code: ErrorCode | null, forMs: number, detail = 'VP6'): void => {
    for (const endMs = now + forMs; now < endMs; now += 100) {
      if (code === null) health.used(track);
      else health.unusable(track, code, detail);
    }
  };
  /** A message every so many ms, with a frame of this track in each or in none. */
  const goOn = (track: 'audio' | 'video' | null, forMs: number, stepMs = 100): void => {
    for (const endMs = now + forMs; now < endMs; now += stepMs) {
      if (track !== null) health.came(track);
      health.goesOn();
      health.timePasses();
    }
  };
  /** Nothing comes at all. */
  const rest = (forMs: number): void => {
    for (const endMs = now + forMs; now < endMs; now += 200) health.timePasses();
  };
  const take = (): readonly string[] => told.splice(0);
  return { health, send, goOn, rest, take, lines, expectVideo: () => (isVideoExpected = true) };
}

test('a track of which nothing can be used has a reason after 2 s, told once, and none as soon as something can', () => {
  const { send, take, lines } = stage();
  send('audio', null, 100);
  send('video', 'source.unreadableVideo', 1900);
  assert.deepEqual(take(), []);
  send('video', 'source.unreadableVideo', 5000);
  assert.deepEqual(take(), ['video source.unreadableVideo']);
  send('video', null, 100);
  assert.deepEqual(take(), ['']);
  assert.deepEqual(lines, ['source.trackUnusable video', 'source.trackUsable video']);
});

test('damage between what can be used is no reason', () => {
  const { send, take } = stage();
  for (let n = 0; n < 50; n += 1) {
    send('video', 'source.unreadableVideo', 500);
    send('video', null, 100);
  }
  assert.deepEqual(take(), []);
});

test('codecs that are not known make a source useless where it has nothing else, and that is told once', () => {
  const { send, take, lines } = stage();
  send('video', 'source.unsupportedCodec', 1000);
  send('audio', 'source.unsupportedCodec', 1000, 'Speex');
  send('video', 'source.unsupportedCodec', 5000);
  assert.equal(
    take()
      .filter((line) => line.startsWith('useless'))
      .join(),
    'useless: VP6, Speex',
  );
  assert.deepEqual(lines.slice(0, 2), ['source.unsupportedCodec VP6', 'source.unsupportedCodec Speex']);
});

test('a good track beside them is worth the source: audio that came, video that came or is known to come', () => {
  const one = stage();
  one.send('audio', null, 100);
  one.send('video', 'source.unsupportedCodec', 10_000);
  assert.deepEqual(one.take(), ['video source.unsupportedCodec']);
  const other = stage();
  other.expectVideo();
  other.send('audio', 'source.unsupportedCodec', 10_000);
  assert.deepEqual(other.take(), ['audio source.unsupportedCodec']);
});

test('what is damaged may mend: it makes no source useless', () => {
  const { send, take } = stage();
  send('video', 'source.noParameterSets', 20_000);
  assert.deepEqual(take(), ['video source.noParameterSets']);
});

test('another session begins anew', () => {
  const { health, send, take } = stage();
  send('video', 'source.unsupportedCodec', 3000);
  take();
  health.newSession();
  assert.deepEqual([take(), health.missing], [[''], []]);
  send('video', 'source.unsupportedCodec', 3000);
  assert.deepEqual(take(), ['video source.unsupportedCodec', 'useless: VP6']);
});

test('a track that is announced and does not come has a reason after 2 s, one that comes no more after 2.5, and none when it comes', () => {
  const { health, goOn, take } = stage();
  goOn('audio', 5000);
  assert.deepEqual(take(), [], 'nobody spoke of video');
  health.announced('video');
  goOn('audio', 1900);
  assert.deepEqual(take(), []);
  goOn('audio', 300);
  assert.deepEqual(take(), ['video source.trackSilent']);
  health.used('video');
  assert.deepEqual(take(), ['']);
  goOn('audio', 2400);
  assert.deepEqual(take(), []);
  goOn('audio', 300);
  assert.deepEqual([take(), health.missing[0]?.detail], [['video source.trackSilent'], 'no frame for 2.5 s']);
  goOn('video', 100);
  assert.deepEqual(take(), ['']);
});

test('of a slow track several of its own distances are no silence, and neither is a pause of the whole source', () => {
  const { health, goOn, take } = stage();
  for (const track of ['audio', 'video'] as const) health.announced(track);
  goOn('video', 100);
  goOn('audio', 6000);
  goOn('video', 100);
  take();
  goOn('audio', 15_000);
  assert.deepEqual(take(), []);
  goOn('audio', 6000);
  assert.deepEqual(take(), ['video source.trackSilent']);
  const slow = stage();
  for (const track of ['audio', 'video'] as const) slow.health.announced(track);
  slow.goOn('video', 30_000, 6000);
  assert.deepEqual(slow.take(), ['audio source.trackSilent']);
});

test('of a source that says nothing at all, a track is missed in each session until it has begun', () => {
  const { health, rest, take } = stage();
  for (let session = 0; session < 2; session += 1) {
    for (const track of ['audio', 'video'] as const) health.announced(track);
    rest(1800);
    assert.deepEqual(take(), []);
    rest(1000);
    assert.deepEqual(take(), ['video source.trackSilent', 'video source.trackSilent, audio source.trackSilent']);
    health.newSession();
    assert.deepEqual(take(), ['']);
  }
  health.announced('video');
  health.used('video');
  rest(60_000);
  assert.deepEqual(take(), [], 'a pause is told as that of the source');
});

test('of a codec that is not known a source is useless, too, where its other track is announced and does not come', () => {
  for (const silentFirst of [true, false]) {
    const { health, send, rest, take } = stage();
    health.announced('audio');
    rest(silentFirst ? 2400 : 200);
    take();
    send('video', 'source.unsupportedCodec', 2200);
    assert.deepEqual(take().at(-1), 'useless: VP6');
  }
});

test('the first reason stays, unless it was one that passes', () => {
  const { health, send, take } = stage();
  send('video', 'source.noKeyframe', 3000);
  send('video', 'source.unreadableVideo', 3000);
  send('video', 'source.noParameterSets', 3000);
  assert.deepEqual(take(), ['video source.noKeyframe', 'video source.unreadableVideo']);
  health.unusable('audio', 'media.unavailable', '', true);
  assert.deepEqual(
    take(),
    ['video source.unreadableVideo, audio media.unavailable'],
    'what is certain is told at once',
  );
});

test('a source of another pace than time is told of each track that comes, until it is in time', () => {
  const { health, goOn, take } = stage();
  health.used('video');
  health.paced(null);
  health.paced(0.5);
  health.paced(0.52);
  assert.deepEqual(take(), ['video source.tooSlow']);
  health.used('video');
  goOn('video', 500);
  assert.deepEqual([take(), health.missing[0]?.detail], [[], '0.52 s of media in a second']);
  health.paced(2);
  health.paced(null);
  assert.deepEqual(take(), ['video source.tooFast', '']);
  health.paced(0.5);
  health.newSession();
  assert.deepEqual([take(), health.missing], [['video source.tooSlow', ''], []]);
});
