/** The first process of a container (here: of a name space of processes, which asks for root) reaps those whose parents have gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childrenOf, type RunningProcess } from '../support/server/processes.js';
import { whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { until } from '../support/until.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

const asFirst = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

test('the rendition of a server that was killed leaves no zombie', async (t) => {
  const sluice = await startSluice(
    ['--demo.enabled=true', '--demo.width=640', '--demo.height=360'],
    '.',
    asFirst,
    'parent',
  );
  t.after(() => sluice.child.stop('SIGKILL'));
  await whenStatus(sluice, 'demo', 'PROCESSED_REMOTE');
  const viewer = await joinWhep(`${sluice.rest}/whep/demo?width=320`);
  t.after(() => viewer.close());
  await viewer.whenVideo(1);
  const [first] = childrenOf(sluice.child.pid);
  const servers = (): readonly RunningProcess[] =>
    childrenOf(first?.pid ?? 0).filter(({ command }) => command.includes('main.mjs'));
  const [server] = servers();
  assert.ok(first !== undefined && server !== undefined);
  const [rendition] = childrenOf(server.pid);
  assert.match(rendition?.command ?? '', /rendition-process/);
  process.kill(server.pid, 'SIGKILL');
  await until('another server is there', () => servers().some(({ pid }) => pid !== server.pid));
  await until('nobody else is', () => childrenOf(first.pid).length === 1);
});
