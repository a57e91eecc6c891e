/** What is said of pictures of which no rendition can be made (test/README.md, Field rows: P10, P11, and The sweep). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RenditionTrouble } from '../../../../actors/rendition/rendition.js';
import { VideoTrouble } from '../../../../actors/stream/video-trouble.js';
import type { PictureFormat } from '../../../../src/core/access-unit/picture.js';
import { withoutBFrames } from '../../../../src/core/codec/b-frames.js';

const settings = { transcoding: true, maxPixels: 9_437_184 };
const passed = { kind: 'pass', reason: '' } as const;
const encoded = { kind: 'reencode', reason: 'a B slice was seen' } as const;
const tooLarge: RenditionTrouble = { code: 'media.tooLarge', detail: '' };
const unreadable: RenditionTrouble = { code: 'source.unreadableVideo', detail: '' };
const ended: RenditionTrouble = { code: 'actor.dead', detail: 'it ended' };

const formatOf = (width: number, height: number): PictureFormat => ({
  info: { codec: 'H264', width, height, profileLevelId: '640033' },
  config: { codec: 'H264', extraData: new Uint8Array() },
  bFrames: withoutBFrames(''),
  reorderFrames: null,
  setup: [],
});
const usual = formatOf(1280, 720);
const feedsOf = (...troubles: readonly (RenditionTrouble | null)[]) =>
  new Set(troubles.map((trouble) => ({ trouble })));
const none = feedsOf();

test('what browsers cannot play and nobody may encode is told at once', () => {
  const off = new VideoTrouble({ ...settings, transcoding: false });
  assert.deepEqual(off.of(encoded, usual, none), {
    code: 'media.transcodingDisabled',
    detail: encoded.reason,
    isCertain: true,
  });
  assert.equal(off.of(passed, usual, none), null);
  const on = new VideoTrouble(settings);
  assert.equal(on.of(encoded, usual, none), null);
  const large = on.of(encoded, formatOf(8192, 4320), none);
  assert.deepEqual([large?.code, large?.isCertain], ['media.tooLarge', true]);
});

test('a rendition that fails is a reason where all need one, and pictures that nothing decodes are in any case', () => {
  const trouble = new VideoTrouble(settings);
  trouble.see(feedsOf(tooLarge), 0);
  assert.equal(trouble.isHopeless, true);
  assert.equal(trouble.of(passed, usual, none), null);
  assert.equal(trouble.of(encoded, usual, none)?.code, 'media.tooLarge');
  trouble.see(feedsOf(unreadable), 0);
  assert.equal(trouble.of(passed, usual, none)?.code, 'source.unreadableVideo');
});

test('one rendition that shows something is enough; what was found is forgotten after a while, and with the format', () => {
  const trouble = new VideoTrouble(settings);
  trouble.see(feedsOf(unreadable, null), 0);
  assert.equal(trouble.isHopeless, false);
  trouble.see(feedsOf(unreadable), 0);
  trouble.see(none, 29_000);
  assert.equal(trouble.isHopeless, true);
  trouble.see(none, 31_000);
  assert.equal(trouble.isHopeless, false);
  trouble.see(feedsOf(unreadable), 40_000);
  trouble.forget();
  assert.equal(trouble.isHopeless, false);
});

test('a thread that ended is a reason for as long as no other is there', () => {
  const trouble = new VideoTrouble(settings);
  const feeds = feedsOf(ended);
  trouble.see(feeds, 0);
  assert.deepEqual(trouble.of(encoded, usual, feeds), { code: 'actor.dead', detail: 'it ended', isCertain: false });
  assert.equal(trouble.of(encoded, usual, none), null);
});
