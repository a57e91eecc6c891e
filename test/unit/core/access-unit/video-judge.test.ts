/** What becomes of a source's video, by what its pictures say (test/README.md, Field: P2, P8, P9, P11). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { h264 } from '../../../../src/core/access-unit/h264.js';
import { h265 } from '../../../../src/core/access-unit/h265.js';
import type { Picture, PictureFormat, PictureStart } from '../../../../src/core/access-unit/picture.js';
import { VideoJudge } from '../../../../src/core/access-unit/video-judge.js';
import { type BFrames, configureBFrames, statedReordering } from '../../../../src/core/codec/b-frames.js';

const format = (bFrames: BFrames, width = 640, height = 360): PictureFormat => ({
  info: { codec: 'H264', width, height, profileLevelId: '64001e' },
  config: { codec: 'H264', extraData: new Uint8Array() },
  bFrames,
  reorderFrames: null,
  setup: [],
});
const plain = format(statedReordering(0));

const picture = (mediaMs: number, start: PictureStart | null, more: Partial<Picture> = {}): Picture => ({
  format: plain,
  data: Uint8Array.of(1),
  nals: [],
  start,
  hasB: false,
  isDisposable: false,
  mediaMs,
  compositionTimeMs: 0,
  ...more,
});

function judgeOf(adopted: PictureFormat, withBFrames: 'reencode' | 'drop' | 'refuse' = 'reencode') {
  const judge = new VideoJudge(withBFrames, 1200);
  judge.adopt(adopted);
  return judge;
}

/** The decision after each picture, without repetition. */
function kindsOf(judge: VideoJudge, pictures: readonly Picture[]): readonly string[] {
  const kinds = [judge.decision.kind as string];
  for (const one of pictures) {
    judge.see(one);
    if (kinds.at(-1) !== judge.decision.kind) kinds.push(judge.decision.kind);
  }
  return kinds;
}

const each = (everyMs: number, forMs: number, start: PictureStart, fromMs = 0): readonly Picture[] =>
  Array.from({ length: Math.ceil(forMs / 40) }, (_, n) =>
    picture(fromMs + n * 40, (n * 40) % everyMs === 0 ? start : null),
  );

test('a stream of IDR pictures is passed on, one of recovery points alone is encoded, whichever they are', () => {
  assert.deepEqual(kindsOf(judgeOf(plain), each(2000, 60_000, 'entry')), ['pass']);
  for (const start of ['recovery', 'gradual'] as const) {
    const judge = judgeOf(plain);
    assert.deepEqual(kindsOf(judge, each(2000, 60_000, start)), ['pass', 'reencode']);
    assert.match(judge.decision.reason, /recovery points and no IDR/);
  }
});

test('recovery points between IDR pictures change nothing; IDR pictures that stay away do, and that for good', () => {
  const both = each(2000, 60_000, 'recovery').map((one) =>
    one.mediaMs % 8000 === 0 ? picture(one.mediaMs, 'entry') : one,
  );
  assert.deepEqual(kindsOf(judgeOf(plain), both), ['pass']);
  const once = [picture(0, 'entry'), ...each(2000, 30_000, 'recovery', 2000)];
  assert.deepEqual(kindsOf(judgeOf(plain), once), ['pass', 'reencode']);
  const back = [...once, picture(40_000, 'entry'), ...each(2000, 3000, 'recovery', 41_000), picture(44_000, 'entry')];
  assert.deepEqual(kindsOf(judgeOf(plain), back), ['pass', 'reencode', 'pass']);
});

test('what was only glanced at counts: IDR pictures of an idle stream', () => {
  const judge = judgeOf(plain);
  judge.see(picture(0, 'entry'));
  judge.glancedEntry();
  judge.see(picture(100_000, 'recovery'));
  assert.equal(judge.decision.kind, 'pass');
});

test('an SPS that allows reordering is never passed on, B-frames now and then or none', () => {
  const now = each(2000, 60_000, 'entry').map((one, n) => picture(one.mediaMs, one.start, { hasB: n % 700 === 600 }));
  assert.deepEqual(kindsOf(judgeOf(format(statedReordering(2))), now), ['reencode']);
  const silent = format(configureBFrames({ profileIdc: 77, maxNumReorderFrames: null }));
  assert.deepEqual(kindsOf(judgeOf(silent), now), ['undecided', 'pass', 'reencode']);
});

test('sets that change with each group and do not say take back nothing that was seen', () => {
  const silent = () => format(configureBFrames({ profileIdc: 77, maxNumReorderFrames: null }));
  const judge = judgeOf(silent());
  judge.see(picture(0, 'entry'));
  judge.see(picture(40, null, { hasB: true }));
  judge.adopt(silent());
  assert.deepEqual(kindsOf(judge, each(1000, 3000, 'entry', 80)), ['reencode']);
  judge.adopt(plain);
  assert.equal(judge.decision.kind, 'pass');
});

test('composition times say something only where the SPS does not', () => {
  const wild = each(2000, 4000, 'entry').map((one, n) =>
    picture(one.mediaMs, one.start, { compositionTimeMs: n === 50 ? 60_000 : (n % 3) * 400 }),
  );
  assert.deepEqual(kindsOf(judgeOf(plain), wild), ['pass']);
  const silent = format(configureBFrames({ profileIdc: 77, maxNumReorderFrames: null }));
  assert.deepEqual(kindsOf(judgeOf(silent), wild), ['undecided', 'pass', 'reencode']);
});

test('a picture larger than browsers decode is encoded', () => {
  const judge = judgeOf(format(statedReordering(0), 16_000, 64));
  assert.deepEqual([judge.decision.kind, /16000x64/.test(judge.decision.reason)], ['reencode', true]);
});

test('recovery points are read from SEI of both codecs, alone or behind others', () => {
  const rows: readonly (readonly [typeof h264.recoveryOf, readonly number[], number | null])[] = [
    [h264.recoveryOf, [0x06, 0x06, 0x01, 0xc4, 0x80], 0],
    [h264.recoveryOf, [0x06, 0x06, 0x05, 0xff, 0xff, 0xac, 0xdc, 0x45], 0],
    [h264.recoveryOf, [0x06, 0x05, 0x02, 9, 9, 0x06, 0x02, 0x0a, 0x80, 0x80], 20],
    [h264.recoveryOf, [0x06, 0x05, 0x02, 9, 9, 0x80], null],
    [h264.recoveryOf, [0x41, 0x06, 0x01, 0xc4, 0x80], null],
    [h264.recoveryOf, [0x06, 0x06, 0x01], null],
    [h265.recoveryOf, [0x4e, 0x01, 0x06, 0x01, 0x80, 0x80], 0],
    [h265.recoveryOf, [0x4e, 0x01, 0x06, 0x02, 0x20, 0x80, 0x80], 2],
    [h265.recoveryOf, [0x02, 0x01, 0x06, 0x01, 0x80, 0x80], null],
  ];
  for (const [recoveryOf, bytes, frames] of rows) assert.equal(recoveryOf(Uint8Array.from(bytes)), frames, `${bytes}`);
});

test('a picture of more packets than browsers put together makes an encoding of ours, for as long as the format is in use', () => {
  const judge = judgeOf(plain);
  judge.see(picture(0, 'entry', { data: new Uint8Array(1900 * 1200) }));
  assert.equal(judge.decision.kind, 'pass');
  judge.see(picture(40, 'entry', { data: new Uint8Array(1900 * 1200 + 1) }));
  assert.deepEqual(judge.decision, {
    kind: 'reencode',
    reason: 'a picture of 1901 packets is more than browsers put together',
  });
  judge.see(picture(80, null));
  assert.equal(judge.decision.kind, 'reencode');
  judge.adopt(format(statedReordering(0)));
  judge.see(picture(120, 'entry'));
  assert.equal(judge.decision.kind, 'pass');
});
