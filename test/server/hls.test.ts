/** HLS of one stream: its lists and files, its captions and events, who counts as its viewers, what becomes of them when it ends or nobody asks any more, and the port that WCS has. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Fragment, FragmentMessage, InitSegment } from '../../src/core/fragments/fragment.js';
import { SluiceError } from '../../src/errors.js';
import { createFragmentStreams } from '../../src/server/fragment-streams.js';
import { createHls } from '../../src/server/hls.js';
import type { MediaListener, SourceNews } from '../../src/supervisor/media-watch.js';
import { freePort } from '../support/server/free-port.js';
import { readTold } from '../support/server/told-text.js';
import { until } from '../support/until.js';
import { somePull } from './examples.js';
import { type Answer, type ServerStage, startStage } from './stage.js';

const init: InitSegment = {
  kind: 'init',
  data: Buffer.from('init'),
  codecs: ['avc1.64001f'],
  timescales: { video: 90_000 },
  videoCodec: 'H264',
  audioCodec: null,
  width: 640,
  height: 360,
};
const groupFrames = 25;
const frameMs = 40;

function fragment(n: number): Fragment {
  const isKeyframe = n % groupFrames === 0;
  const data = Buffer.from(`frame ${n} `);
  return { kind: 'fragment', track: 'video', data, isKeyframe, startMs: n * frameMs, durationMs: frameMs };
}

/** A stream that is shown to who watches it, frame by frame. */
function source() {
  const listeners: MediaListener<FragmentMessage>[] = [];
  const said = (news: SourceNews): void => listeners.at(-1)?.onNews?.(news);
  let frames = 0;
  let closed = 0;
  let isThere = true;
  const close = (): void => {
    closed += 1;
  };
  return {
    async watch(_request: object, listener: MediaListener<FragmentMessage>) {
      if (!isThere) throw new SluiceError('stream.notFound');
      listeners.push(listener);
      listener.onMessage(init);
      return { pullId: 'p', localName: 'cam', close };
    },
    watches: () => listeners.length,
    closed: () => closed,
    said,
    show(count: number): void {
      for (let n = 0; n < count; n += 1) listeners.at(-1)?.onMessage(fragment(frames++));
    },
    end(): void {
      isThere = false;
      listeners.at(-1)?.onOver('source.ended');
    },
    begin(): void {
      isThere = true;
      frames = 0;
    },
  };
}

/** The first list is answered when a segment is whole. */
const shown = async (one: ReturnType<typeof source>, watches: number): Promise<void> => {
  await until('it is watched', () => one.watches() === watches);
  one.show(3 * groupFrames + 10);
};

/** The list of the media, as the multivariant list names it to one player. */
function mediaOf(lists: Answer): string {
  const [uri = assert.fail(lists.body)] = /^.*media\.m3u8.*$/m.exec(lists.body) ?? [];
  return uri.startsWith('/') ? uri : `/hls/cam/${uri}`;
}
const askMedia = async (stage: ServerStage, path = '/hls/cam/index.m3u8'): Promise<Answer> =>
  stage.ask(mediaOf(await stage.ask(path)));

/** A server with a stream of which a list was asked for. */
async function watched(t: TestContext) {
  const stage = await startStage();
  t.after(() => stage.end());
  const cam = source();
  stage.streams.watchFragments = cam.watch;
  const asked = askMedia(stage);
  await shown(cam, 1);
  return { stage, cam, list: await asked };
}

test('the list names files that caches may keep, and a request that waits for a part is answered when it is there', async (t) => {
  const { stage, cam, list } = await watched(t);
  assert.deepEqual([list.status, list.headers['cache-control']], [200, 'public, max-age=1']);
  assert.match(list.body, /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="[0-9a-f]{8}-\d+\.\d+\.m4s"/);
  const [segment = ''] = /^[0-9a-f]{8}-\d+\.m4s$/m.exec(list.body) ?? [];
  const media = await stage.ask(`/hls/cam/${segment}`);
  assert.deepEqual([media.status, media.headers['cache-control']], [200, 'public, max-age=3600, immutable']);
  assert.ok(media.body.startsWith('frame 0 frame 1 '), media.body.slice(0, 20));

  const [, sequence = '', part = ''] =
    /PRELOAD-HINT:TYPE=PART,URI="[0-9a-f]{8}-(\d+)\.(\d+)\.m4s"/.exec(list.body) ?? [];
  const waits = stage.ask(`/hls/cam/media.m3u8?_HLS_msn=${sequence}&_HLS_part=${part}`);
  let isAnswered = false;
  void waits.then(() => {
    isAnswered = true;
  });
  assert.equal((await askMedia(stage)).body, list.body);
  assert.equal(isAnswered, false);
  cam.show(groupFrames);
  const blocked = await waits;
  // RFC 8216bis B.1: six target durations, the same for all who ask for it.
  assert.deepEqual([blocked.status, blocked.headers['cache-control']], [200, 'public, max-age=12']);
  assert.ok(blocked.body.includes(`-${sequence}.${part}.m4s`));
  assert.equal(cam.watches(), 1, 'one watch for all of it');
});

test('a stream that ends has an end in its list, and its files for a while; pulled again it is live under its name', async (t) => {
  const { stage, cam, list: first } = await watched(t);
  const [segment = ''] = /^[0-9a-f]{8}-\d+\.m4s$/m.exec(first.body) ?? [];
  cam.end();
  const over = await askMedia(stage);
  assert.match(over.body, /#EXT-X-ENDLIST/);
  assert.equal((await stage.ask(`/hls/cam/${segment}`)).status, 200);
  assert.equal(cam.watches(), 1);

  cam.begin();
  const again = [askMedia(stage), askMedia(stage, '/cam/cam.m3u8'), stage.ask('/hls/cam/time-shift.json')];
  await shown(cam, 2);
  const [list, ofWcs, shift] = await Promise.all(again);
  assert.ok(list !== undefined && !list.body.includes('ENDLIST'), list?.body);
  assert.equal(ofWcs?.body, list.body);
  assert.equal(shift?.status, 200);
  assert.equal(cam.watches(), 2);
  assert.equal((await stage.ask(`/hls/cam/${segment}`)).status, 404);
});

test('however many names and spellings of its address players use, a stream is watched and kept once', async (t) => {
  const stage = await startStage();
  t.after(() => stage.end());
  const cam = source();
  stage.streams.watchFragments = cam.watch;
  const spelt = Array.from({ length: 32 }, (_, n) =>
    [...'source'].map((c, at) => ((n >> at) & 1 ? c.toUpperCase() : c)),
  );
  const paths = spelt.map(
    (host) => `/hls/${encodeURIComponent(`rtmp://${host.join('')}.example/live/cam`)}/index.m3u8`,
  );
  // Nobody has pulled it yet: one of them has it begin.
  const asked = Promise.all(paths.map((path) => stage.ask(path)));
  await shown(cam, 1);
  assert.deepEqual(new Set((await asked).map(({ status }) => status)), new Set([200]));
  stage.streams.find = () => ({ ...somePull, pullId: 'p' });
  for (const path of [...paths, '/hls/cam/index.m3u8']) assert.equal((await stage.ask(path)).status, 200);
  assert.equal(cam.watches(), 1);
});

test('what nobody asks for any more is let go', async () => {
  const cam = source();
  const streams = {
    find: () => undefined,
    watchFragments: cam.watch,
    recordedSoFar: () => null,
    viewFragments: async () => 'v',
    leave: async () => true,
  };
  const live = createFragmentStreams({ streams, maxGopBytes: 1 << 20, lingerMs: 1 });
  const hls = createHls({
    live,
    streams,
    gate: { visit: async () => {}, needsToken: false },
    limits: { partMs: 300, segmentMs: 1000, windowMs: 4000, maxBytes: 1 << 20 },
    lingerMs: 20,
    refusal: () => null,
  });
  const client = { ip: '127.0.0.1', reach: 'direct' } as const;
  const asked = hls.handle(
    { method: 'GET', path: '/hls/cam/media.m3u8', query: new URLSearchParams(), client, header: () => '' },
    Buffer.alloc(0),
  );
  await shown(cam, 1);
  assert.equal((await asked).status, 200);
  await until('it is let go', () => cam.closed() === 1);
  hls.close();
});

test('the port that WCS has for HLS is opened where it is configured, and closed with the others', async (t) => {
  const hlsPort = await freePort();
  const stage = await startStage({ settings: { server: { hlsPort } } });
  t.after(() => stage.end());
  const cam = source();
  stage.streams.watchFragments = cam.watch;
  const asked = fetch(`http://127.0.0.1:${hlsPort}/cam/cam.m3u8`);
  await shown(cam, 1);
  const answer = await asked;
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/vnd.apple.mpegurl']);
  await assert.rejects(startStage({ settings: { server: { hlsPort } } }), /server\.hlsPort: port/);
  await stage.server.close();
  await assert.rejects(fetch(`http://127.0.0.1:${hlsPort}/cam/cam.m3u8`));
});

test('each player is given a session, counts as a viewer by it, and is told when REST has ended it', async (t) => {
  const { stage } = await watched(t);
  const { fragmentViews } = stage.streams;
  const agent = { 'User-Agent': 'a player' };
  const lists = [await stage.ask('/hls/cam/index.m3u8'), await stage.ask('/hls/cam/index.m3u8')];
  assert.equal(lists[0]?.headers['cache-control'], 'no-store');
  const [one, other] = lists.map(mediaOf);
  assert.ok(one !== undefined && other !== undefined && one !== other);
  const ownSession = 'ab'.repeat(16);
  assert.match(
    mediaOf(await stage.ask(`/hls/cam/index.m3u8?session=${ownSession}`)),
    new RegExp(`session=${ownSession}$`),
  );
  // Lists that are asked for and not played are no viewers; `watched` has asked for that of the media.
  assert.equal(fragmentViews.size, 1);
  const list = await stage.ask(one, { headers: agent });
  for (const path of [one, other]) assert.equal((await stage.ask(path, { headers: agent })).status, 200);
  const [, view] = [...fragmentViews.values()];
  assert.deepEqual([view?.mediaProvider, view?.pullId, view?.userAgent], ['HLS', 'p', 'a player']);
  assert.equal(fragmentViews.size, 3);
  assert.ok(!list.body.includes('session'), 'files are the same for all players');
  assert.equal(view?.bytesSent(), 2 * Buffer.byteLength(list.body));
  view?.onEnded(null);
  const refused = await stage.ask(one, { headers: agent });
  assert.deepEqual([refused.status, refused.json().code], [410, 'viewer.ended']);
  assert.equal((await stage.ask(other, { headers: agent })).status, 200);
});

test('a player beyond a limit of viewers is refused as others are', async (t) => {
  const { stage } = await watched(t);
  stage.streams.viewFragments = () => Promise.reject(new SluiceError('viewer.limit'));
  const { status, headers } = await askMedia(stage);
  assert.equal(status, 503);
  assert.ok(headers['retry-after']);
});

test('whether the source is there, and what is wrong with it, are events beside the lists', async (t) => {
  const { stage, cam } = await watched(t);
  const response = await fetch(`${stage.rest}/hls/cam/events`);
  assert.deepEqual(
    [response.headers.get('content-type'), response.headers.get('cache-control')],
    ['text/event-stream', 'no-store'],
  );
  const told = readTold(response);
  await told.until('event: source\ndata: {"lost":null}\n\n');
  await told.until('event: alerts\ndata: {"alerts":[]}\n\n');
  cam.said({ kind: 'source', lost: 'source.stalled' });
  await told.until('{"lost":{"code":"source.stalled","text":"The source sent no media for too long"}}');
  const alerts = [
    { code: 'INGRESS_NO_AUDIO', status: 'info', text: 'The source sends no sound', deadTrack: null },
  ] as const;
  // Captions have their own list, at the time at which they belong.
  cam.said({ kind: 'data', data: { name: 'onTextData', values: [], timestampMs: 0, receivedMs: 0 } });
  cam.said({ kind: 'alerts', alerts });
  await told.until(`event: alerts\ndata: ${JSON.stringify({ alerts })}\n\n`);
  assert.ok(!told.text.includes('onTextData'));
  await told.cancel();
});

test('captions of the source are a list beside that of the media, in segments of WebVTT', async (t) => {
  const { stage, cam } = await watched(t);
  const lists = await stage.ask('/hls/cam/index.m3u8');
  const [, captions] = /TYPE=SUBTITLES.*URI="(captions\.m3u8[^"]*)"/.exec(lists.body) ?? assert.fail(lists.body);
  const waits = stage.ask(`/hls/cam/${captions}&_HLS_msn=1`);
  const data = { name: 'onTextData', values: [{ text: 'hello' }], timestampMs: 0, receivedMs: 0 };
  cam.said({ kind: 'data', data });
  cam.said({ kind: 'data', data: { ...data, name: 'onMetaData' } });
  cam.show(2 * groupFrames);
  const list = await waits;
  assert.deepEqual([list.status, list.headers['cache-control']], [200, 'public, max-age=12']);
  const files = list.body.match(/^[0-9a-f]{8}-\d+\.vtt$/gm) ?? [];
  const texts = await Promise.all(files.map((file) => stage.ask(`/hls/cam/${file}`)));
  assert.deepEqual(
    texts.map(({ status, headers }) => [status, headers['content-type']]),
    files.map(() => [200, 'text/vtt']),
  );
  // It was said when 85 frames of 40 ms had come; segments last two seconds.
  assert.ok(texts[1]?.body.endsWith('\n\n00:00:01.400 --> 00:00:02.000\nhello\n'), texts[1]?.body);
  assert.ok(!texts[0]?.body.includes('-->'));
  assert.equal((await stage.ask(`/hls/cam/${files[0]?.replace(/-\d+/, '-999')}`)).status, 404);
});
