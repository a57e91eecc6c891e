import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Stage, setStage } from '../support/browser/stage.js';
import { type Reception, type Viewer, watch } from '../support/browser/viewer.js';
import { findAll, pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { measured, until } from '../support/until.js';

const fps = 30;
const measuredMs = 8000;
/** The server that is started here obeys the same variable. */
const wantedFanout = process.env.SLUICE_WEBRTC_FANOUT;
let stage: Stage;

before(async () => {
  stage = await setStage();
});
after(() => stage.end());

const cases = [
  { name: 'baseline', profile: 'baseline', toneHz: 440 },
  { name: 'high', profile: 'high', toneHz: 1000 },
] as const;

for (const { name, profile, toneHz } of cases) {
  test(`a ${profile} profile stream of nginx plays whole in Chromium, with its tone`, async () => {
    const { nginx, sluice, pages } = stage;
    const publisher = await publish(nginx.url(name), { profile, toneHz, fps });
    stage.onEnd(() => publisher.stop());
    assert.equal((await pull(sluice, nginx.url(name), name)).status, 200);
    const listed = await whenStatus(sluice, name, 'PROCESSED_REMOTE');
    const { localMediaSessionId, ...rest } = listed;
    assert.match(localMediaSessionId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(pick(rest), {
      remoteMediaSessionId: null,
      localStreamName: name,
      remoteStreamName: null,
      uri: nginx.url(name),
      status: 'PROCESSED_REMOTE',
      hasAudio: true,
      hasVideo: true,
      record: false,
    });

    const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/${name}`);
    if (wantedFanout !== undefined) assert.equal((await statsOf(sluice, name)).fanout, wantedFanout);
    assert.ok(viewer.firstFrameMs <= 1500, `first frame after ${viewer.firstFrameMs} ms`);
    // The burst of the cached frames is over, then the measured seconds begin.
    await until('a second of audio', async () => (await viewer.stats()).audioSamples > 48_000);
    // Nothing may be lost in any window.
    const { first, last } = await measured(
      () => measure(viewer),
      (window) => window.last.freezeSeconds === window.first.freezeSeconds && shareDecoded(window) >= 0.95,
    );
    const decoded = shareDecoded({ first, last });
    assert.ok(decoded >= 0.95, `${(decoded * 100).toFixed(1)} % of the frames decoded`);
    assert.equal(last.freezeSeconds - first.freezeSeconds, 0, 'frozen seconds');
    assert.equal(last.packetsLost, 0);
    assert.deepEqual([last.width, last.height], [1280, 720]);
    const concealed = last.concealedSamples - last.silentConcealedSamples - first.concealedSamples;
    const share = (concealed + first.silentConcealedSamples) / (last.audioSamples - first.audioSamples);
    assert.ok(share <= 0.01, `${(share * 100).toFixed(2)} % of the audio concealed`);
    const heardHz: number = await viewer.page.evaluate('reception.toneHz()');
    assert.ok(Math.abs(heardHz - toneHz) <= 5, `the tone is ${heardHz} Hz`);

    assert.equal((await sluice.post('/rest-api/pull/rtmp/terminate', { uri: nginx.url(name) })).status, 200);
    await until('the viewer is told', async () => (await viewer.states()).includes('dtls closed'), 5000);
    assert.deepEqual(
      (await findAll(sluice)).filter((one) => one.uri === nginx.url(name) && one.status !== 'STOPPED'),
      [],
    );
  });
}

const shareDecoded = ({ first, last }: { readonly first: Reception; readonly last: Reception }): number =>
  (last.framesDecoded - first.framesDecoded) / (((last.atMs - first.atMs) * fps) / 1000);

async function measure(viewer: Viewer): Promise<{ first: Reception; last: Reception }> {
  const first = await viewer.stats();
  await delay(measuredMs);
  return { first, last: await viewer.stats() };
}

/** The fields of the reference document; others may be added. */
const pick = (listed: Awaited<ReturnType<typeof findAll>>[number] | object): object => {
  const fields = [
    'remoteMediaSessionId',
    'localStreamName',
    'remoteStreamName',
    'uri',
    'status',
    'hasAudio',
    'hasVideo',
  ];
  return Object.fromEntries([...fields, 'record'].map((field) => [field, Reflect.get(listed, field)]));
};
