import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { findAll, pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startNginx } from '../support/source/nginx.js';
import { publish } from '../support/source/publisher.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { until } from '../support/until.js';

const count = 40;
let nginx: RtmpServer;
let sluice: RunningSluice;

before(async () => {
  nginx = await startNginx();
  sluice = await startSluice();
});
after(async () => {
  await sluice.stop();
  await nginx.stop();
});

const counted = (what: 'task' | 'fd'): number => readdirSync(`/proc/${sluice.child.pid}/${what}`).length;

test('40 pulls at once are all up, and all stopped leave no thread and no descriptor behind', async (t) => {
  const publisher = await publish(nginx.url('cam'), { size: '320x180', bitrateKbps: 200 });
  t.after(() => publisher.stop());
  // The first pull starts what stays: the certificate's pool thread, the resolver.
  await pull(sluice, nginx.url('cam'), 'first');
  await whenStatus(sluice, 'first', 'PROCESSED_REMOTE');
  await sluice.post('/rest-api/pull/rtmp/terminate', { uri: nginx.url('cam') });
  const isLive = (status: string): boolean => ['NEW', 'PENDING', 'CONNECTED', 'PROCESSED_REMOTE'].includes(status);
  const live = async () => (await findAll(sluice)).filter(({ status }) => isLive(status));
  await until('all threads of the first are gone', async () => (await live()).length === 0);
  const before = { threads: counted('task'), descriptors: counted('fd') };

  // The same stream under 40 addresses: a query makes each its own uri.
  const uris = Array.from({ length: count }, (_, n) => `${nginx.url('cam')}?n=${n}`);
  const answers = await Promise.all(uris.map((uri, n) => pull(sluice, uri, `cam${n}`)));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  await until(
    'all are up',
    async () => (await findAll(sluice)).filter(({ status }) => status === 'PROCESSED_REMOTE').length === count,
    60_000,
  );
  await Promise.all(uris.map((uri) => sluice.post('/rest-api/pull/rtmp/terminate', { uri })));
  await until('threads are back', () => counted('task') <= before.threads, 30_000);
  await until('descriptors are back', () => counted('fd') <= before.descriptors + 2, 30_000);
  assert.equal((await live()).length, 0);
});
