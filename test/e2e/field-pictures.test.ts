/**
 * Sources as the world sends them, in Chromium: each plays whole, or the server says by a stable code which track is not there and
 * why (test/README.md, Field rows).
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { type ErrorCode, errorTable } from '../../src/errors.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { shareDecoded, watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { encodeFlv, type FlvTag } from '../support/source/flv-file.js';
import { type FlvOriginOptions, startFlvOrigin } from '../support/source/flv-origin.js';
import { deadVideo, oddVideo } from '../support/source/odd-video.js';
import { until } from '../support/until.js';
import { chromiumOffer } from '../support/viewer/offers.js';

const fps = 25;
const judgedMs = 3000;
/** One frame may be under way at either end of a window. */
const leastShare = 0.98 - (2 * 1000) / (judgedMs * fps);
/** In which the 800 frames before a join are decoded, with room for a busy machine. */
const caughtUpMs = 10_000;
/** Within which a track that is not there has its reason, with room for a busy machine. */
const reasonMs = 10_000;
/** viewers.codecWaitMs: so long an offer waits for what may yet come. */
const waitMs = 5000;
let stage: Stage;
let plain: readonly FlvTag[];
before(async () => {
  plain = encode(['-g', String(fps), '-x264-params', 'slices=4'], 2);
  stage = await setStage();
  // A group that is longer than all that is tried before somebody joins in it.
  await serve('long', { tags: encode(['-g', '6000', '-bf', '2'], 60, 30) });
});
after(() => stage.end());

/** A test pattern with a tone; headers first. Small: three of them are seen at a time. */
function encode(coding: readonly string[], seconds: number, rate = fps): readonly FlvTag[] {
  const pattern = [
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=320x180:rate=${rate}`,
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=440',
  ];
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-b:v',
    '200k',
    '-sc_threshold',
    '0',
  ];
  return encodeFlv([...pattern, '-t', String(seconds), ...video, ...coding, '-c:a', 'aac', '-ar', '44100']);
}

async function serve(name: string, options: FlvOriginOptions): Promise<void> {
  const origin = await startFlvOrigin(options);
  stage.onEnd(() => origin.close());
  assert.equal((await pull(stage.sluice, origin.uri, name)).status, 200);
}

const edited = (what: string): (() => FlvOriginOptions) => {
  return () => ({ tags: oddVideo[what]?.(plain) ?? [] });
};

/** Composition times that no decoder could follow, one of a minute. */
const wild = (tags: readonly FlvTag[]): readonly FlvTag[] =>
  tags.map((tag, n) => {
    if (tag.track !== 'video' || tag.body[1] !== 1) return tag;
    const ms = n % 50 === 25 ? 60_000 : (n % 3) * 700;
    return { ...tag, body: tag.body.map((byte, at) => (at >= 2 && at <= 4 ? (ms >> (8 * (4 - at))) & 255 : byte)) };
  });

const sources: readonly (readonly [row: string, kind: string, options: () => FlvOriginOptions])[] = [
  ['P3 sets and units in messages of their own', 'pass', edited('sets and units in messages of their own')],
  ['P4 no sequence header', 'pass', edited('no sequence header')],
  ['P5 start codes', 'pass', edited('start codes and sets')],
  ['P5 padding behind each picture', 'pass', edited('padding behind each picture')],
  [
    'P2 recovery points and no IDR picture',
    'reencode',
    // Where a round begins again its first pictures refer to what was not sent. A round is longer than three windows, so one of them has no seam.
    () => ({ tags: encode(['-g', '25', '-x264-params', 'intra-refresh=1'], 12), fromMs: 2000 }),
  ],
  [
    'P9 false composition times',
    'pass',
    () => ({ tags: wild(encode(['-g', String(fps), '-profile:v', 'baseline'], 2)) }),
  ],
];

/** Of one source after it has played for a second. */
async function assertPlays(t: TestContext, row: string, kind: string): Promise<void> {
  await whenStatus(stage.sluice, row, 'PROCESSED_REMOTE');
  const endpoint = `${stage.sluice.rest}/whep/${encodeURIComponent(row)}`;
  const viewer = await watch(await stage.tab(), stage.pages.origin, endpoint);
  await until(`${row}: a second`, async () => (await viewer.stats()).framesDecoded >= fps);
  const share = await judged(t, {
    measure: () => shareDecoded(viewer, judgedMs, fps),
    isGood: (decoded) => decoded >= leastShare,
    words: (decoded) => `${row}: ${(100 * decoded).toFixed(1)} % of the frames decoded`,
  });
  t.diagnostic(`${row}: ${(100 * share).toFixed(1)} %`);
  assert.equal((await statsOf(stage.sluice, row)).videoPath.kind, kind, row);
  await viewer.page.context().close();
}

test('odd sources play whole', async (t) => {
  await Promise.all(sources.map(([row, , options]) => serve(row, options())));
  for (const half of [sources.slice(0, 3), sources.slice(3)]) {
    await Promise.all(half.map(([row, kind]) => assertPlays(t, row, kind)));
  }
});

/** One picture of noise each second, of which the others are copies, by ffmpeg. */
const noise = (size: string): readonly FlvTag[] =>
  encodeFlv([
    ...['-f', 'lavfi', '-i', `nullsrc=s=${size}:r=${fps},geq=random(1)*255:128:128,loop=loop=100:size=1`, '-t', '1'],
    ...['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'],
    ...['-g', String(fps), '-qp', '2'],
  ]);
/** 2048 packets are as many as browsers put together. */
const leastKeyframeBytes = 2048 * 1200;

test('P11 what is larger than browsers decode is seen smaller, and P12 keyframes of more packets than they put together are', async (t) => {
  const large = noise('1920x1080');
  assert.ok(Math.max(...large.map(({ body }) => body.length)) > leastKeyframeBytes);
  await serve('P12', { tags: large, roundMs: 1000 });
  await assertPlays(t, 'P12', 'reencode');
  const wide = ['-f', 'lavfi', '-i', `testsrc2=size=8704x96:rate=${fps}`, '-t', '2', '-pix_fmt', 'yuv420p'];
  await serve('P11', { tags: encodeFlv([...wide, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(fps)]) });
  await assertPlays(t, 'P11', 'reencode');
});

test('P1 who joins late in a long group sees it, by the thread that was opened first', async () => {
  await until('five seconds of the group', async () => (await statsOf(stage.sluice, 'long')).videoFrames > 150);
  const viewer = await watch(await stage.tab(), stage.pages.origin, `${stage.sluice.rest}/whep/long`);
  // The next keyframe is half a minute away.
  assert.ok(viewer.firstFrameMs < caughtUpMs, `the first frame came after ${viewer.firstFrameMs} ms`);
  await until('two seconds', async () => (await viewer.stats()).framesDecoded > 60);
  assert.deepEqual(
    stage.sluice.log().filter(({ event }) => event === 'rendition.lost'),
    [],
  );
  await viewer.page.context().close();
});

interface Told {
  readonly code: ErrorCode;
  readonly hasAudio: boolean;
}

/** What REST, WHEP, the signalling, statistics and the log say of a stream whose video is of no use. */
async function assertTold(name: string, { code, hasAudio }: Told): Promise<void> {
  const { sluice } = stage;
  const { text, retry } = errorTable[code];
  const status = hasAudio ? 'PROCESSED_REMOTE' : retry ? 'CONNECTED' : 'FAILED';
  const listed = await until(
    `${name}: ${status} and the reason`,
    async () => {
      const all = JSON.parse(await (await fetch(`${sluice.rest}/rest-api/pull/rtmp/find_all`)).text());
      return all.find(
        (one: Record<string, unknown>) =>
          one.localStreamName === name && one.status === status && Object(one.reason).code === code,
      );
    },
    reasonMs,
  );
  assert.equal(listed.reason.text, text);
  assert.deepEqual([listed.missing[0].track, listed.missing[0].code], ['video', code]);

  const headers = { 'Content-Type': 'application/sdp' };
  const startMs = performance.now();
  const answer = await fetch(`${sluice.rest}/whep/${name}`, { method: 'POST', headers, body: chromiumOffer });
  assert.ok(performance.now() - startMs < waitMs, 'nobody waits for it');
  const body = await answer.text();
  if (hasAudio) {
    assert.equal(answer.status, 201);
    assert.match(body, /^m=audio (?!0 )/m);
    assert.match(body, /^m=video 0 /m);
  } else assert.deepEqual([answer.status, JSON.parse(body).code], [retry ? 409 : 415, code]);

  if (retry || hasAudio) assert.equal((await statsOf(sluice, name)).missing[0]?.code, code);
  const lines = sluice.log().filter(({ event, name: of }) => event === 'source.trackUnusable' && of === name);
  assert.equal(lines.length, 1, JSON.stringify(lines));
}

test('P6 a track of which nothing can be used has a reason everywhere, and the other one plays at once', async (t) => {
  const rows = Object.values(deadVideo).flatMap(({ code, edit }) =>
    [true, false].map((hasAudio) => ({ code, hasAudio, edit, name: `${code}${hasAudio ? '-audio' : ''}` })),
  );
  await Promise.all(
    rows.map(({ name, edit, hasAudio }) => {
      return serve(name, { tags: edit(plain).filter(({ track }) => hasAudio || track === 'video') });
    }),
  );
  for (const { name, code, hasAudio } of rows) await assertTold(name, { code, hasAudio });
  const socket = await openWebSocket(stage.sluice.signalling);
  t.after(() => socket.close());
  const send = (message: string, argument: object): void => socket.sendJson({ message, data: [argument] });
  send('connection', { appKey: 'defaultApp', mediaProviders: ['WebRTC'] });
  const name = 'source.noParameterSets';
  send('playStream', { mediaSessionId: name, name, mediaProvider: 'WebRTC', sdp: chromiumOffer });
  let [event] = (await socket.nextMessage('notifyStreamStatusEvent')).data;
  while (Object(event).status === 'PENDING') [event] = (await socket.nextMessage('notifyStreamStatusEvent')).data;
  assert.deepEqual([Object(event).status, Object(event).reason.code], ['FAILED', name]);
});

test('P6 its viewers are told so over the video, and among the figures', async () => {
  const name = 'source.unreadableVideo-audio';
  const page = await stage.tab();
  await page.goto(`${stage.sluice.rest}/play/${name}`);
  const words = 'The picture of the source is damaged, and cannot be played';
  await page.locator('sluice-player >> #warnings', { hasText: words }).waitFor();
  await page.focus('sluice-player >> #stage');
  await page.keyboard.press('d');
  await page.locator('sluice-player >> #stats dd', { hasText: words }).waitFor();
  await page.context().close();
});
