/** The unmodified REST client of the Web SDK, in a page, and what WCS's console reads of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, setStage } from '../support/browser/stage.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let stage: Stage;
let page: Page;

before(async () => {
  stage = await setStage({ mayPagesControl: true });
  const publisher = await publish(stage.nginx.url('cam'), { toneHz: 440 });
  stage.onEnd(() => publisher.stop());
  page = await stage.tab();
  await page.goto(`${stage.pages.origin}/rest.html`);
  await page.evaluate(
    `window.api = FlashphonerRestApi.instance(...Array(2).fill(${JSON.stringify(stage.sluice.rest)}))`,
  );
});
after(() => stage.end());

/** What a call resolves with, or the status that it is rejected with. */
const call = (expression: string): Promise<unknown> =>
  page.evaluate(`api.${expression}.then((found) => found ?? null, (refused) => refused?.status ?? 'refused')`);
const list = async (expression: string): Promise<readonly Record<string, unknown>[]> => {
  const found = await call(expression);
  return Array.isArray(found) ? found : [];
};

test('a pull is begun, listed, shown by the statistics, its viewer found and stopped, and ended by its name', async () => {
  const { nginx, sluice } = stage;
  assert.equal(await call(`pull.pull(${JSON.stringify(nginx.url('cam'))}, 'stream1')`), null);
  await until('media flows', async () => (await list('pull.findAll()'))[0]?.status === 'PROCESSED_REMOTE');
  const viewer = await stage.tab();
  await viewer.goto(`${stage.pages.origin}/wcs.html`);
  await viewer.waitForFunction('window.connect !== undefined');
  await viewer.evaluate(`connect(${JSON.stringify(sluice.signalling)})`);
  await viewer.evaluate("play('stream1')");

  const [connection] = await list('connection.findAll()');
  const [session] = await list("connection.find('2.0')");
  assert.deepEqual([connection?.status, session?.sessionId], ['ESTABLISHED', connection?.sessionId]);
  const streams = await list('stream.findAll()');
  assert.deepEqual(
    streams.map(({ name, status, mediaType }) => [name, status, mediaType]),
    [
      ['stream1', 'PUBLISHING', 'publish'],
      ['stream1', 'PLAYING', 'play'],
    ],
  );
  const [published] = await list("stream.find(null, 'stream1', true, true)");
  assert.equal(Object(published?.metrics).VIDEO_WIDTH, published?.width);

  const stat = Object(await call('stat.poll()'));
  // As the console adds them up: a key that is missing makes NaN.
  const { stream, system, connection: sockets, core } = stat;
  const sum = (side: string): number =>
    ['rtmfp', 'rtmp', 'rtsp', 'webrtc'].reduce(
      (total, kind) => total + Number.parseInt(stream[`streams_${kind}_${side}`], 10),
      0,
    );
  assert.deepEqual([sum('in'), sum('out')], [1, 1]);
  assert.match(system.system_java_cpu_usage, /^\d+$/);
  assert.ok(Number(system.system_memory_total) > Number(system.system_memory_free));
  assert.deepEqual([sockets.connections, sockets.connections_websocket], ['1', '1']);
  assert.match(core.core_threads, /^\d+$/);

  const played = streams.find(({ mediaType }) => mediaType === 'play');
  assert.equal(await call(`stream.terminate(${JSON.stringify(played?.mediaSessionId)})`), null);
  await until('the viewer is told', async () => {
    const events: readonly string[] = await viewer.evaluate('events');
    return events.includes('stream STOPPED Stopped by rest /terminate');
  });
  assert.equal((await list('pull.findAll()'))[0]?.status, 'PROCESSED_REMOTE');
  assert.equal(await call(`connection.terminate(${JSON.stringify(connection?.sessionId)})`), null);
  await until('no session is left', async () => (await list('connection.findAll()')).length === 0);
  assert.equal(await call("pull.terminate('stream1')"), null);
  await until('it has left the list', async () => (await list('pull.findAll()')).length === 0);
});

test('what is not there is refused with its status, and no network error, to a page of another origin', async () => {
  const statuses = await page.evaluate(`Promise.all([
    fetch('${stage.sluice.rest}/rest-api/push/find_all'),
    fetch('${stage.sluice.rest}/rest-api/mixer/startup', {
      method: 'POST', headers: { 'Content-Type': 'application/json;charset=UTF-8' }, body: '{}',
    }),
    fetch('${stage.sluice.rest}/rest-api/stream/find_all'),
  ]).then((answers) => answers.map(({ status }) => status))`);
  assert.deepEqual(statuses, [404, 404, 404]);
});
