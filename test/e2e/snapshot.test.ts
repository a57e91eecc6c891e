import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startNginx } from '../support/source/nginx.js';
import { publish } from '../support/source/publisher.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { until } from '../support/until.js';

let nginx: RtmpServer;
let sluice: RunningSluice;

before(async () => {
  [nginx, sluice] = await Promise.all([startNginx(), startSluice()]);
});
after(() => Promise.all([nginx.stop(), sluice.stop()]));

const snapshot = (streamName: string): Promise<Response> => sluice.post('/rest-api/stream/snapshot', { streamName });

test('a snapshot of a pulled stream is a PNG of its size, and an unknown stream has none', async (t) => {
  const publisher = await publish(nginx.url('cam'), { size: '640x360', bitrateKbps: 500, bFrames: 2 });
  t.after(() => publisher.stop());
  assert.equal((await pull(sluice, nginx.url('cam'), 'cam')).status, 200);
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
  // nginx has none for who comes later.
  await until('a keyframe', async () => (await statsOf(sluice, 'cam')).videoKeyframes > 0);
  const answers = await Promise.all([1, 2, 3].map(() => snapshot('cam')));
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    const { data }: { readonly data: string } = JSON.parse(await answer.text());
    const png = Buffer.from(data, 'base64');
    // PNG, section 5.2 and 11.2.2: the signature, and width and height in IHDR.
    assert.equal(png.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [640, 360]);
  }
  assert.equal((await snapshot('nobody')).status, 404);
  assert.equal((await sluice.post('/rest-api/stream/snapshot', {})).status, 400);
});
