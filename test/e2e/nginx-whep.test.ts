import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Stage, setStage } from '../support/browser/stage.js';
import { assertArrived, assertTone, type Reception, type Viewer, watchAtOnce } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { findAll, pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const fps = 30;
const measuredMs = 5000;
/** The server that is started here obeys the same variable. */
const wantedFanout = process.env.SLUICE_WEBRTC_FANOUT;
let stage: Stage;

const cases = [
  { name: 'baseline', profile: 'baseline', toneHz: 440 },
  { name: 'high', profile: 'high', toneHz: 1000 },
] as const;

before(async () => {
  stage = await setStage();
  const { nginx, sluice } = stage;
  await Promise.all(
    cases.map(async ({ name, profile, toneHz }) => {
      const publisher = await publish(nginx.url(name), { size: '1280x720', bitrateKbps: 2500, profile, toneHz, fps });
      stage.onEnd(() => publisher.stop());
      assert.equal((await pull(sluice, nginx.url(name), name)).status, 200);
    }),
  );
});
after(() => stage.end());

describe('nginx', { concurrency: true }, () => {
  for (const { name, profile, toneHz } of cases) {
    test(`a ${profile} profile stream of nginx plays whole in Chromium, with its tone`, async (t) => {
      const { nginx, sluice, pages } = stage;
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

      const viewer = await watchAtOnce(t, await stage.tab(), pages.origin, `${sluice.rest}/whep/${name}`);
      if (wantedFanout !== undefined) assert.equal((await statsOf(sluice, name)).fanout, wantedFanout);
      // The burst of the cached frames is over, then the measured seconds begin.
      await until('a second of audio', async () => (await viewer.stats()).audioSamples > 48_000);
      const { last } = await judged(t, {
        measure: () => measure(viewer),
        isGood: (window) => frozenOf(window) === 0 && decodedOf(window) >= 0.95 && concealedOf(window) <= 0.01,
        words: (window) =>
          [
            `${(decodedOf(window) * 100).toFixed(1)} % of the frames decoded, ${frozenOf(window)} s frozen`,
            `${(concealedOf(window) * 100).toFixed(2)} % of the audio concealed`,
          ].join(', '),
      });
      // Nothing may be lost in any window, on any machine.
      assertArrived(t, last);
      assert.deepEqual([last.width, last.height], [1280, 720]);
      await assertTone(t, viewer, toneHz);

      assert.equal((await sluice.post('/rest-api/pull/rtmp/terminate', { uri: nginx.url(name) })).status, 200);
      await until('the viewer is told', async () => (await viewer.states()).includes('dtls closed'));
      assert.deepEqual(
        (await findAll(sluice)).filter((one) => one.uri === nginx.url(name) && one.status !== 'STOPPED'),
        [],
      );
    });
  }
});

interface Window {
  readonly first: Reception;
  readonly last: Reception;
}

const decodedOf = ({ first, last }: Window): number =>
  (last.framesDecoded - first.framesDecoded) / (((last.atMs - first.atMs) * fps) / 1000);
const frozenOf = ({ first, last }: Window): number => last.freezeSeconds - first.freezeSeconds;

/** Silence that is concealed is none. */
function concealedOf({ first, last }: Window): number {
  const heard = ({ concealedSamples, silentConcealedSamples }: Reception): number =>
    concealedSamples - silentConcealedSamples;
  return (heard(last) - heard(first)) / (last.audioSamples - first.audioSamples);
}

async function measure(viewer: Viewer): Promise<Window> {
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
