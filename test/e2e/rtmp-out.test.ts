/** RTMP out: real players and servers have a pulled stream from this server, as its source sent it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../support/server/free-port.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startNginx } from '../support/source/nginx.js';
import { startNodeMediaServer } from '../support/source/node-media-server.js';
import { publish, publishEnhanced } from '../support/source/publisher.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
const secret = 'a secret of the tests';
const fps = 30;
const playedS = 3;
const gopFrames = 150;
let nginx: RtmpServer;
let sluice: RunningSluice;
let port: number;
const ends: (() => Promise<unknown>)[] = [];

const urlOf = (name: string, token = secret): string =>
  `rtmp://127.0.0.1:${port}/live/${name}?token=${encodeURIComponent(token)}`;

before(async () => {
  port = await freePort();
  [nginx, sluice] = await Promise.all([
    startNginx(),
    startSluice([`--rtmpOut.port=${port}`, `--rtmpOut.secret=${secret}`]),
  ]);
});
after(async () => {
  for (const end of ends) await end();
  const [code] = await Promise.all([sluice.stop(), nginx.stop()]);
  assert.equal(code, 0);
});

interface Decoded {
  readonly frames: number;
  readonly streams: readonly string[];
  readonly errors: string;
}

/** By ffmpeg as a player: so many seconds, decoded whole. */
async function decode(url: string): Promise<Decoded> {
  const input = ['-hide_banner', '-v', 'warning', '-rtmp_live', 'live', '-i', url, '-t', String(playedS)];
  const { stdout, stderr } = await run('ffmpeg', [...input, '-map', '0:v', '-map', '0:a', '-f', 'framecrc', '-'], {
    timeout: 20_000,
    maxBuffer: 16_777_216,
  });
  const streams = [...stdout.matchAll(/^#codec_id \d+: (\w+)$/gm)].map(([, codec = '']) => codec);
  const video = /^#media_type (\d+): video$/m.exec(stdout)?.[1] ?? assert.fail(stdout.slice(0, 500));
  const frames = [...stdout.matchAll(new RegExp(`^${video}, `, 'gm'))].length;
  return { frames, streams, errors: stderr };
}

test('ffmpeg plays B-frames and sound of the source, from the keyframe before it came on', async () => {
  const publisher = await publish(nginx.url('cam'), { size: '320x180', fps, bFrames: 2, gopFrames });
  ends.push(() => publisher.stop());
  await pull(sluice, nginx.url('cam'), 'cam');
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
  // nginx has none for who comes later.
  await until('a keyframe', async () => (await statsOf(sluice, 'cam')).videoKeyframes > 0);
  for (const which of ['the first', 'the second']) {
    const { frames, streams, errors } = await decode(urlOf('cam'));
    assert.deepEqual(streams.toSorted(), ['pcm_s16le', 'rawvideo'], which);
    assert.ok(frames >= 0.95 * playedS * fps, `${which} decoded ${frames} frames`);
    assert.doesNotMatch(errors, /error|corrupt|missing/i);
  }
});

test('without the token, with another one, and for a stream that there is not, a player is refused', async () => {
  for (const url of [urlOf('cam', ''), urlOf('cam', 'another secret of the tests'), urlOf('nothing')]) {
    await assert.rejects(decode(url), /Command failed/);
  }
  const refused = sluice.log().filter(({ event }) => event === 'rtmpOut.refused');
  assert.deepEqual(
    refused.map(({ reason }) => reason),
    ['viewer.tokenMissing', 'viewer.tokenDenied', 'stream.notFound'],
  );
  assert.doesNotMatch(JSON.stringify(sluice.log()), new RegExp(secret), 'no secret in the log');
});

test('a playback token opens its stream, and no other', async () => {
  const made = await sluice.post('/api/tokens', { stream: 'cam' });
  assert.equal(made.status, 200);
  const { token }: { readonly token: string } = JSON.parse(await made.text());
  assert.ok((await decode(urlOf('cam', token))).frames > 0);
  await assert.rejects(decode(urlOf('other', token)), /Command failed/);
  const refused = sluice.log().filter(({ event }) => event === 'rtmpOut.refused');
  assert.deepEqual([refused.at(-1)?.reason, refused.at(-1)?.name], ['viewer.tokenDenied', 'other']);
});

test('nginx and node-media-server pull it, and play it to their own players', async (t) => {
  // nginx has nothing for who comes later than a keyframe.
  const publisher = await publish(nginx.url('often'), { size: '320x180', fps, gopFrames: fps / 2 });
  t.after(() => publisher.stop());
  await pull(sluice, nginx.url('often'), 'often');
  await whenStatus(sluice, 'often', 'PROCESSED_REMOTE');
  const url = urlOf('often');
  // It leaves the query of an address out, unless that is part of the name.
  const encoded = url.replace(/[^/]*$/, encodeURIComponent);
  const servers = await Promise.all([startNginx({ relayed: url }), startNodeMediaServer({ relayed: encoded })]);
  for (const server of servers) t.after(() => server.stop());
  const seen = servers.map(async ({ url: at }, n) => {
    let refusal = '';
    const refused = (error: unknown): undefined => {
      refusal = String(error);
    };
    const found = until('it has the stream', () => decode(at('relayed')).catch(refused), 40_000);
    return found.catch((error: unknown) =>
      assert.fail(`${n === 0 ? 'nginx' : 'node-media-server'}: ${error}; its player: ${refusal}`),
    );
  });
  for (const { frames, errors } of await Promise.all(seen)) {
    assert.ok(frames >= 0.7 * playedS * fps, `decoded ${frames} frames`);
    assert.doesNotMatch(errors, /error|corrupt/i);
  }
});

test('another Sluice pulls it, Enhanced RTMP too, and goes on when the source comes back', async (t) => {
  const codecs = { video: 'libsvtav1', audio: 'libopus' } as const;
  const nms = await startNodeMediaServer();
  t.after(() => nms.stop());
  const source = nms.url('av1');
  let publisher = await publishEnhanced(source, codecs);
  t.after(() => publisher.stop());
  // Nothing comes while the source is away.
  const edge = await startSluice(['--rtmp.silenceTimeoutMs=20000']);
  t.after(() => edge.stop());
  await pull(sluice, source, 'av1');
  await whenStatus(sluice, 'av1', 'PROCESSED_REMOTE');
  await pull(edge, urlOf('av1'), 'edge');
  await whenStatus(edge, 'edge', 'PROCESSED_REMOTE');
  const frames = async (): Promise<number> => (await statsOf(edge, 'edge')).videoFrames;
  await until('a second at the edge', async () => (await frames()) > fps);
  assert.equal((await statsOf(edge, 'edge')).videoPath.kind, 'pass');
  await publisher.stop();
  publisher = await publishEnhanced(source, codecs);
  const before = await frames();
  await until('frames of the next session', async () => (await frames()) > before + fps, 20_000);
  assert.equal((await statsOf(edge, 'edge')).reconnects, 0, 'the edge was kept');
});
