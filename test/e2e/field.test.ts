/** What odd sources send, in Chromium: one server, one browser, a source of its own for each case. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeAmf0 } from '../../src/core/amf/amf0.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { receptionOf } from '../support/browser/viewer.js';
import { pull, statsOf } from '../support/server/pulls.js';
import { encodeFlv, type FlvTag } from '../support/source/flv-file.js';
import { type Send, startRawServer } from '../support/source/play-server.js';
import { until } from '../support/until.js';
import { chromiumOffer, gstreamerOffer } from '../support/viewer/offers.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

let stage: Stage;
before(async () => {
  stage = await setStage();
});
after(() => stage.end());

const tags = encodeFlv(
  '-f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i sine=440 -t 4 -c:v libx264 -preset ultrafast -tune zerolatency -g 25 -c:a aac'.split(
    ' ',
  ),
);
const lastMs = tags.at(-1)?.timestampMs ?? 0;
const isHeader = ({ track, body }: FlvTag): boolean => track !== 'data' && body[1] === 0;

/** Sends these tags over and over in real time, headers once, until the player is gone. */
function loop(send: Send, played: readonly FlvTag[], fromMs: number, startMs: number): () => void {
  let round = 0;
  let next = 0;
  const timer = setInterval(() => {
    for (;;) {
      const tag = played[next];
      if (tag === undefined) {
        round += 1;
        next = 0;
        continue;
      }
      const atMs = fromMs + round * lastMs + tag.timestampMs;
      if (atMs > performance.now() - startMs) return;
      if (tag.track !== 'data' && (round === 0 || !isHeader(tag))) send(tag.track, atMs, tag.body);
      next += 1;
    }
  }, 10);
  return () => clearInterval(timer);
}

test('audio alone is heard at once though the metadata promise video, which is seen when it comes', async () => {
  const stops: (() => void)[] = [];
  let showVideo = (): void => {};
  const source = await startRawServer((send) => {
    const startMs = performance.now();
    send('dataAmf0', 0, encodeAmf0('onMetaData', { width: 320, height: 180, videocodecid: 7, audiocodecid: 10 }));
    stops.push(
      loop(
        send,
        tags.filter(({ track }) => track === 'audio'),
        0,
        startMs,
      ),
    );
    showVideo = () =>
      stops.push(
        loop(
          send,
          tags.filter(({ track }) => track === 'video'),
          performance.now() - startMs,
          startMs,
        ),
      );
  });
  stage.onEnd(async () => {
    for (const stop of stops) stop();
    await source.close();
  });
  assert.equal((await pull(stage.sluice, `rtmp://127.0.0.1:${source.port}/live/late`, 'late')).status, 200);
  const page = await stage.tab();
  await page.goto(`${stage.pages.origin}/whep.html`);
  await page.waitForFunction('window.play !== undefined');
  const playing = page.evaluate(`play(${JSON.stringify(`${stage.sluice.rest}/whep/late`)})`);
  await until('a connection', async () => (await page.evaluate('states.includes("connected")')) === true);
  await until('half a second of audio', async () => (await receptionOf(page)).audioSamples > 24_000);
  const heard = await receptionOf(page);
  assert.deepEqual([heard.framesDecoded, heard.audioPacketsLost], [0, 0]);
  showVideo();
  await playing;
  await until('a second of video', async () => (await receptionOf(page)).framesDecoded >= 25);
  const seen = await receptionOf(page);
  assert.deepEqual([seen.codec, seen.width, seen.packetsLost, seen.audioPacketsLost], ['video/H264', 320, 0, 0]);
});

test('H264 of packetization mode 0 alone gets single NAL units, GStreamer the source as it is', async () => {
  const stops: (() => void)[] = [];
  const source = await startRawServer((send) => stops.push(loop(send, tags, 0, performance.now())));
  stage.onEnd(async () => {
    for (const stop of stops) stop();
    await source.close();
  });
  await pull(stage.sluice, `rtmp://127.0.0.1:${source.port}/live/modes`, 'modes');
  const endpoint = `${stage.sluice.rest}/whep/modes`;
  const typesOf = async (offerSdp: string): Promise<ReadonlySet<number>> => {
    const viewer = await joinWhep(endpoint, { offerSdp });
    stage.onEnd(() => viewer.leave());
    const packets = await viewer.whenVideo(40);
    return new Set(packets.map(({ payload }) => (payload[0] ?? 0) & 31));
  };
  const single = await typesOf(chromiumOffer.replaceAll('packetization-mode=1', 'packetization-mode=0'));
  assert.deepEqual(
    [...single].filter((type) => type < 1 || type > 23),
    [],
  );
  assert.ok(single.has(5) && single.has(7) && single.has(8));
  const { renditions } = await statsOf(stage.sluice, 'modes');
  assert.deepEqual(
    renditions.map(({ encoding }) => encoding),
    ['H264 mode 0 *x* * *'],
  );
  const stapA = 24;
  assert.ok((await typesOf(gstreamerOffer)).has(stapA));
});
