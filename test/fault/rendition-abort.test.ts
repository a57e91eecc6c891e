/** Native code that aborts while it decodes or encodes: in a process of its own it costs the picture of who is sent that rendition. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { childrenOf } from '../support/server/processes.js';
import { whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { until } from '../support/until.js';
import { assertNoGap } from '../support/viewer/stream-viewer.js';
import { joinWhep, type WhepViewer } from '../support/viewer/whep-viewer.js';

let sluice: RunningSluice;

before(async () => {
  sluice = await startSluice(['--demo.enabled=true', '--demo.width=640', '--demo.height=360']);
  await whenStatus(sluice, 'demo', 'PROCESSED_REMOTE');
});
after(() => sluice.stop());

const endpoint = (query: string): string => `${sluice.rest}/whep/demo${query}`;
const small = (): Promise<WhepViewer> => joinWhep(endpoint('?width=320&height=180'));

const renditions = (): readonly number[] =>
  childrenOf(sluice.child.pid).flatMap(({ pid, command }) => (command.includes('rendition-process') ? [pid] : []));

test('a rendition that aborts is replaced: its viewers see a pause, and nobody else anything', async (t) => {
  const [wishing, other] = await Promise.all([small(), joinWhep(endpoint(''))]);
  t.after(() => Promise.all([wishing.leave(), other.leave()]));
  await wishing.whenVideo(30);
  await other.whenVideo(30);
  const [rendition] = renditions();
  assert.ok(rendition !== undefined);
  process.kill(rendition, 'SIGABRT');
  await until('another one is there', () => renditions().some((pid) => pid !== rendition));
  const before = wishing.video().length;
  await wishing.whenVideo(before + 60);
  assert.equal(renditions().length, 1);
  for (const packets of [wishing.video(), wishing.audio(), other.video(), other.audio()]) {
    assert.ok(packets.length > 50);
    assertNoGap(packets);
    assert.equal(new Set(packets.map(({ ssrc }) => ssrc)).size, 1);
  }
  const ended = sluice.log().filter(({ event }) => event === 'rendition.ended');
  assert.deepEqual(
    ended.map(({ error }) => error),
    ['SIGABRT'],
  );
});

test('a rendition ends with its last viewer', async () => {
  const viewer = await small();
  await viewer.whenVideo(1);
  assert.equal(renditions().length, 1);
  await viewer.leave();
  await sluice.logged('rendition.ended', 15_000, ({ exitCode }) => exitCode === 0);
  assert.equal(renditions().length, 0);
});

test('it has none of the environment of the server, where secrets may stand', async (t) => {
  const viewer = await small();
  t.after(() => viewer.leave());
  await viewer.whenVideo(1);
  const names = renditions().flatMap((pid) => readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0'));
  assert.deepEqual(
    names.filter((one) => !/^(|NODE_CHANNEL_.*)$/.test(one)),
    [],
  );
});

test('a rendition ends with the server, however that ends', async () => {
  const viewer = await small();
  await viewer.whenVideo(1);
  const [rendition = 0] = renditions();
  await sluice.child.stop('SIGKILL');
  await until('it is gone', () => !readdirSync('/proc').includes(String(rendition)));
  viewer.close();
});
