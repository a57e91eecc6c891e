import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let stage: Stage;

before(async () => {
  stage = await setStage();
  // Half a second from keyframe to keyframe: nginx begins with one, and that wait is the source's, not ours.
  const publisher = await publish(stage.nginx.url('cam'), { size: '640x360', bitrateKbps: 1000, gopFrames: 15 });
  stage.onEnd(() => publisher.stop());
});
after(() => stage.end());

const cases = [
  { fault: 'throw', what: 'an uncaught exception' },
  { fault: 'hang', what: 'an endless loop' },
] as const;

for (const { fault, what } of cases) {
  test(`${what} in one actor costs no packet of another stream, and its stream is back within 3 s`, async (t) => {
    const { nginx, sluice, pages } = stage;
    const watched = `${nginx.url('cam')}?watched=${fault}`;
    const broken = `${nginx.url('cam')}?broken=${fault}`;
    await pull(sluice, watched, `watched-${fault}`);
    await pull(sluice, broken, `broken-${fault}`);
    await whenStatus(sluice, `watched-${fault}`, 'PROCESSED_REMOTE');
    await whenStatus(sluice, `broken-${fault}`, 'PROCESSED_REMOTE');
    const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/watched-${fault}`);
    const begun = await viewer.stats();

    const name = `broken-${fault}`;
    await judged(t, {
      async measure() {
        const linesBefore = sluice.log().length;
        const before = await viewer.stats();
        assert.equal((await sluice.post('/api/fault', { name, fault })).status, 200);
        const downMs = performance.now();
        const hasEnded = (): boolean =>
          sluice
            .log()
            .slice(linesBefore)
            .some((line) => line.event === 'actor.ended' && line.name === name);
        await until('it has ended', hasEnded, 15_000);
        await whenStatus(sluice, name, 'PROCESSED_REMOTE');
        const backMs = performance.now() - downMs;
        // A thread that stood ready may have been back so soon that a frame or two would decide.
        await until('two seconds to judge by', async () => (await viewer.stats()).atMs - before.atMs > 2000);
        const last = await viewer.stats();
        const share = (last.framesDecoded - before.framesDecoded) / (((last.atMs - before.atMs) * 30) / 1000);
        return { backMs, share };
      },
      isGood: ({ backMs, share }) => backMs <= 3000 && share >= 0.9,
      words: ({ backMs, share }) => `back after ${backMs} ms, the neighbour decoded ${(share * 100).toFixed(1)} %`,
      windows: 2,
    });
    const last = await viewer.stats();
    assert.ok(last.framesDecoded > begun.framesDecoded, 'the neighbour played on');
    assert.equal(last.packetsLost, 0);
    assert.equal(last.audioPacketsLost, 0);
    await viewer.page.close();
    for (const uri of [watched, broken]) await sluice.post('/rest-api/pull/rtmp/terminate', { uri });
  });
}
