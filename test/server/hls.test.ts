/** HLS of one stream: its lists and files, what becomes of them when it ends or nobody asks any more, and the port that WCS has. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Fragment, FragmentMessage, InitSegment } from '../../src/core/fragments/fragment.js';
import { SluiceError } from '../../src/errors.js';
import { createFragmentStreams } from '../../src/server/fragment-streams.js';
import { createHls } from '../../src/server/hls.js';
import type { MediaListener } from '../../src/supervisor/media-watch.js';
import { freePort } from '../support/server/free-port.js';
import { until } from '../support/until.js';
import { startStage } from './stage.js';

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

/** A server with a stream of which a list was asked for. */
async function watched(t: TestContext) {
  const stage = await startStage();
  t.after(() => stage.end());
  const cam = source();
  stage.streams.watchFragments = cam.watch;
  const asked = stage.ask('/hls/cam/index.m3u8');
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
  const waits = stage.ask(`/hls/cam/index.m3u8?_HLS_msn=${sequence}&_HLS_part=${part}`);
  let isAnswered = false;
  void waits.then(() => {
    isAnswered = true;
  });
  assert.equal((await stage.ask('/hls/cam/index.m3u8')).body, list.body);
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
  const over = await stage.ask('/hls/cam/index.m3u8');
  assert.match(over.body, /#EXT-X-ENDLIST/);
  assert.equal((await stage.ask(`/hls/cam/${segment}`)).status, 200);
  assert.equal(cam.watches(), 1);

  cam.begin();
  const again = [stage.ask('/hls/cam/index.m3u8'), stage.ask('/cam/cam.m3u8'), stage.ask('/hls/cam/time-shift.json')];
  await shown(cam, 2);
  const [list, ofWcs, shift] = await Promise.all(again);
  assert.ok(list !== undefined && !list.body.includes('ENDLIST'), list?.body);
  assert.ok(ofWcs?.body.includes('/hls/cam/'));
  assert.equal(shift?.status, 200);
  assert.equal(cam.watches(), 2);
  assert.equal((await stage.ask(`/hls/cam/${segment}`)).status, 404);
});

test('what nobody asks for any more is let go', async () => {
  const cam = source();
  const streams = { watchFragments: cam.watch, recordedSoFar: () => null };
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
    { method: 'GET', path: '/hls/cam/index.m3u8', query: new URLSearchParams(), client, header: () => '' },
    Buffer.alloc(0),
  );
  await shown(cam, 1);
  assert.equal((await asked).status, 200);
  await until('it is let go', () => cam.closed() === 1);
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
