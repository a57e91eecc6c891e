/** Captions by HLS: in which segment a text is, from when until when, and how it is written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InitSegment } from '../../../../src/core/fragments/fragment.js';
import { HlsCaptions, renderCaptionList, renderCues } from '../../../../src/core/hls/captions.js';
import { renderMultivariant } from '../../../../src/core/hls/multivariant.js';
import { HlsWindow } from '../../../../src/core/hls/window.js';

const init: InitSegment = {
  kind: 'init',
  data: Uint8Array.of(1),
  codecs: ['avc1.64001f', 'mp4a.40.2'],
  timescales: { video: 90_000 },
  videoCodec: 'H264',
  audioCodec: 'AAC',
  width: 640,
  height: 360,
};

/** Segments of a second, of which the last one is not whole. */
function played(fromMs: number, seconds: number): HlsWindow {
  const window = new HlsWindow({ partMs: 300, segmentMs: 1000, windowMs: 30_000, maxBytes: 1_000_000 });
  window.addInit(init);
  for (let n = 0; n < seconds * 25; n += 1) {
    const [startMs, durationMs] = [fromMs + n * 40, 40];
    const data = new Uint8Array(1000);
    window.add({ kind: 'fragment', track: 'video', data, isKeyframe: n % 25 === 0, startMs, durationMs }, startMs);
  }
  return window;
}

const cuesOf = (window: HlsWindow, captions: HlsCaptions): readonly string[] =>
  window.segments.filter(({ isWhole }) => isWhole).map((segment) => renderCues(captions, segment));

test('a text is in each segment in whose time it is read, by the clock of the media, until the next one', () => {
  const window = played(100_000, 4);
  const captions = new HlsCaptions();
  captions.add('first', 100_500);
  captions.add('second', 102_250);
  assert.deepEqual(cuesOf(window, captions), [
    'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:9000000,LOCAL:00:00:00.000\n\n00:00:00.500 --> 00:00:01.000\nfirst\n',
    'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:9090000,LOCAL:00:00:00.000\n\n00:00:00.000 --> 00:00:01.000\nfirst\n',
    'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:9180000,LOCAL:00:00:00.000\n\n' +
      '00:00:00.000 --> 00:00:00.250\nfirst\n\n00:00:00.250 --> 00:00:01.000\nsecond\n',
  ]);
});

test('a text goes when five seconds have passed, and only the newest are kept', () => {
  const captions = new HlsCaptions();
  captions.add('alone', 0);
  assert.deepEqual(captions.between(4900, 6000), [{ startMs: 4900, endMs: 5000, text: 'alone' }]);
  for (let n = 1; n <= 1000; n += 1) captions.add(`${n}`, n * 1000);
  assert.equal(captions.between(0, 2_000_000).length, 256);
  assert.equal(captions.between(0, 2_000_000).at(-1)?.text, '1000');
});

test('what WebVTT would take for marks is written so that it is read as it was said', () => {
  const window = played(0, 2);
  const captions = new HlsCaptions();
  captions.add('a --> b & <c>\r\n\r\nNOTE d', 0);
  assert.match(cuesOf(window, captions)[0] ?? '', /\na --&gt; b &amp; &lt;c&gt;\nNOTE d\n$/);
});

test('the stamp of a stream that runs for days has 33 bits', () => {
  const window = played(100_000_000_000, 2);
  const [first = ''] = cuesOf(window, new HlsCaptions());
  const stamp = Number(/MPEGTS:(\d+)/.exec(first)?.[1]);
  assert.equal(stamp, (100_000_000_000 * 90) % 2 ** 33);
});

test('the list has the segments of the media that are whole, under the same numbers and discontinuities', () => {
  const window = played(0, 2);
  window.addInit(init);
  const list = renderCaptionList(window, (msn) => `c${msn}.vtt`, true);
  assert.equal(
    list,
    [
      '#EXTM3U',
      '#EXT-X-VERSION:9',
      '#EXT-X-TARGETDURATION:1',
      '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-DISCONTINUITY-SEQUENCE:0',
      '#EXT-X-PROGRAM-DATE-TIME:1969-12-31T23:59:59.960Z',
      '#EXTINF:1.00000,',
      'c0.vtt',
      '#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.960Z',
      '#EXTINF:1.00000,',
      'c1.vtt',
      '#EXT-X-ENDLIST',
      '',
    ].join('\n'),
  );
});

test('the multivariant list names codecs, size and captions', () => {
  const list = renderMultivariant(played(0, 2), { media: 'media.m3u8?session=1', captions: 'captions.m3u8?session=1' });
  assert.match(
    list,
    /^#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="Captions",.*URI="captions\.m3u8\?session=1"$/m,
  );
  assert.match(
    list,
    /^#EXT-X-STREAM-INF:BANDWIDTH=200000,CODECS="avc1\.64001f,mp4a\.40\.2",RESOLUTION=640x360,SUBTITLES="captions"\nmedia\.m3u8\?session=1$/m,
  );
});
