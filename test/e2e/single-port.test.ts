/** Two streams in Chromium at one port, through the death of the thread of one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { freePort } from '../support/server/free-port.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const names = ['one', 'two'] as const;
let stage: Stage;
let singlePort = 0;

before(async () => {
  singlePort = await freePort();
  stage = await setStage({ flags: [`--webrtc.singlePort=${singlePort}`] });
  const publisher = await publish(stage.nginx.url('cam'), { size: '320x180', bitrateKbps: 300, gopFrames: 30 });
  stage.onEnd(() => publisher.stop());
  for (const name of names) {
    assert.equal((await pull(stage.sluice, `${stage.nginx.url('cam')}?${name}`, name)).status, 200);
    await whenStatus(stage.sluice, name, 'PROCESSED_REMOTE');
  }
});
after(() => stage.end());

test('both play at the one port, and go on over an ICE restart and the death of a thread', async () => {
  const viewers = await Promise.all(
    names.map(async (name) => watch(await stage.tab(), stage.pages.origin, `${stage.sluice.rest}/whep/${name}`)),
  );
  const decodeOn = (): Promise<unknown> =>
    Promise.all(
      viewers.map(async (viewer) => {
        const { framesDecoded } = await viewer.stats();
        await until('30 frames more', async () => (await viewer.stats()).framesDecoded >= framesDecoded + 30);
      }),
    );
  await decodeOn();
  for (const { page } of viewers) {
    const { protocol, port }: { readonly protocol: string; readonly port: number } =
      await page.evaluate('selectedPair()');
    assert.deepEqual([protocol, port], ['udp', singlePort]);
  }
  const restarted = viewers[1]?.page ?? assert.fail();
  const ufrag = (): Promise<string> => restarted.evaluate('selectedPair().then(({ ufrag }) => ufrag)');
  const before = await ufrag();
  assert.equal(await restarted.evaluate('restartIce()'), 200);
  await until('another pair', async () => (await ufrag()) !== before);
  assert.equal((await stage.sluice.post('/api/fault', { name: 'one', fault: 'throw' })).status, 200);
  await stage.sluice.logged('viewers.handedOver');
  await decodeOn();
  const metrics = await (await fetch(`${stage.sluice.rest}/metrics`)).text();
  assert.match(metrics, /^sluice_single_port_datagrams_total [1-9]/m);
  assert.match(metrics, /^sluice_single_port_lost_total 0$/m);
});
