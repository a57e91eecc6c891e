/** The RTMP servers of the world, each as a program of its own, pulled to first media. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseAudioTag } from '../../src/core/flv/audio-tag.js';
import { parseVideoTag } from '../../src/core/flv/video-tag.js';
import { freePort } from '../support/server/free-port.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startNginx } from '../support/source/nginx.js';
import { startNodeMediaServer } from '../support/source/node-media-server.js';
import { type EnhancedCodecs, publish, publishEnhanced, serveOnce } from '../support/source/publisher.js';
import { pullFrom } from '../support/source/pulling.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { until } from '../support/until.js';

const small = { size: '320x180', fps: 25, gopFrames: 25, bitrateKbps: 500 };
let nginx: RtmpServer;
let nms: RtmpServer;
let sluice: RunningSluice;

before(async () => {
  [nginx, nms, sluice] = await Promise.all([startNginx(), startNodeMediaServer(), startSluice()]);
});
after(() => Promise.all([nginx.stop(), nms.stop(), sluice.stop()]));

/** Through the whole server: the pull comes to PROCESSED_REMOTE, and both tracks flow. */
async function plays(name: string, uri: string): Promise<void> {
  assert.equal((await pull(sluice, uri, name)).status, 200);
  const listed = await whenStatus(sluice, name, 'PROCESSED_REMOTE');
  assert.deepEqual([listed.hasVideo, listed.hasAudio], [true, true]);
  await until('a second of frames', async () => (await statsOf(sluice, name)).videoFrames >= 25);
  const stats = await statsOf(sluice, name);
  assert.ok(stats.videoKeyframes >= 1 && stats.audioFrames > 0, JSON.stringify(stats));
  assert.equal((await sluice.post('/rest-api/pull/rtmp/terminate', { uri })).status, 200);
}

const fourCcOf = (body: Uint8Array): string => String.fromCharCode(...body.subarray(1, 5));
const isEnhancedVideo = (body: Uint8Array): boolean => ((body[0] ?? 0) & 0x80) !== 0;
const isEnhancedAudio = (body: Uint8Array): boolean => (body[0] ?? 0) >> 4 === 9;

interface EnhancedCase {
  readonly name: string;
  readonly codecs: EnhancedCodecs;
  /** How each track marks itself: a FourCC, or null for the classic header. */
  readonly video: string | null;
  readonly audio: string | null;
}

const enhanced: readonly EnhancedCase[] = [
  { name: 'hevc-opus', codecs: { video: 'libx265', audio: 'libopus' }, video: 'hvc1', audio: 'Opus' },
  { name: 'av1-aac', codecs: { video: 'libsvtav1', audio: 'aac' }, video: 'av01', audio: null },
  { name: 'vp9-flac', codecs: { video: 'libvpx-vp9', audio: 'flac' }, video: 'vp09', audio: 'fLaC' },
  { name: 'avc-ac3', codecs: { video: 'libx264', audio: 'ac3' }, video: null, audio: 'ac-3' },
];

describe('servers of the world', { concurrency: 3 }, () => {
  test('nginx-rtmp: H.264 and AAC', async (t) => {
    const publisher = await publish(nginx.url('plain'), small);
    t.after(() => publisher.stop());
    await plays('nginx-plain', nginx.url('plain'));
  });

  test('node-media-server: H.264 and AAC', async (t) => {
    const publisher = await publish(nms.url('plain'), small);
    t.after(() => publisher.stop());
    await plays('nms-plain', nms.url('plain'));
  });

  test('ffmpeg -listen 1, the smallest origin: H.264 and AAC to its one player', async (t) => {
    const uri = `rtmp://127.0.0.1:${await freePort()}/live/x`;
    const origin = await serveOnce(uri, small);
    t.after(() => origin.stop());
    await plays('ffmpeg-listen', uri);
  });

  for (const { name, codecs, video, audio } of enhanced) {
    test(`node-media-server, Enhanced RTMP: ${name} comes with its headers, every tag is read, and the server takes it`, async (t) => {
      const publisher = await publishEnhanced(nms.url(name), codecs);
      t.after(() => publisher.stop());
      const frames: Uint8Array[] = [];
      const audioTags: Uint8Array[] = [];
      const {
        pull: source,
        seen,
        lines,
      } = pullFrom(t, nms.url(name), {
        onMedia({ track, body }) {
          if (track === 'video') frames.push(body);
          if (track === 'audio') audioTags.push(body);
        },
      });
      source.start();
      await seen(/^CONNECTED$/);
      await until('a second of both tracks', () => frames.length > 25 && audioTags.length > 25);
      assert.deepEqual(
        new Set(frames.map((body) => (isEnhancedVideo(body) ? fourCcOf(body) : null))),
        new Set([video]),
      );
      assert.deepEqual(
        new Set(audioTags.map((body) => (isEnhancedAudio(body) ? fourCcOf(body) : null))),
        new Set([audio]),
      );
      // The configuration comes first, although the player came late.
      assert.equal((frames[0]?.[0] ?? 0) & (video === null ? 0 : 15), 0);
      // What tells nothing is ignored, and nothing else is: metadata (packet type 4), and FFmpeg's sequence start of VP9, which
      // has nothing behind its FourCC.
      for (const body of frames) {
        const tellsNothing = isEnhancedVideo(body) && (((body[0] ?? 0) & 15) === 4 || body.length === 5);
        assert.equal(parseVideoTag(body).kind === 'ignored', tellsNothing);
      }
      // So is what stands before AC-3 (sequence start, layout of channels): its frames (packet type 1) say it all.
      const coded = audioTags.filter((body) => !isEnhancedAudio(body) || ((body[0] ?? 0) & 15) === 1);
      assert.ok(coded.length > 20);
      for (const body of coded) assert.notEqual(parseAudioTag(body).kind, 'ignored');
      await source.stop();
      await plays(`nms-${name}`, nms.url(name));
      assert.deepEqual(
        lines.filter((line) => line.includes('source.lost')),
        [],
      );
    });
  }
});
