import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let stage: Stage;

before(async () => {
  stage = await setStage();
});
after(() => stage.end());

test('SIGTERM closes viewers and sources and ends the process with 0 within 10 s', async () => {
  const { nginx, sluice, pages } = stage;
  const publisher = await publish(nginx.url('cam'));
  stage.onEnd(() => publisher.stop());
  await pull(sluice, nginx.url('cam'), 'cam');
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
  const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/cam`);
  const startMs = performance.now();
  assert.equal(await sluice.child.stop('SIGTERM'), 0);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs <= 10_000, `took ${tookMs} ms`);
  await until('the viewer is told', async () => (await viewer.states()).includes('dtls closed'), 5000);
  await assert.rejects(dial(Number(new URL(sluice.rest).port)), { code: 'ECONNREFUSED' });
});

const dial = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    }).once('error', reject);
  });
