/** Viewers by the id that REST and signalling know, on the stream's own thread. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOffer } from '../../../src/core/sdp/parse-offer.js';
import { SluiceError } from '../../../src/errors.js';
import { setAudienceStage } from '../../support/fanout/audience-stage.js';
import { until } from '../../support/until.js';
import { chromiumOffer } from '../../support/viewer/offers.js';

const request = (viewerId: string) => ({ viewerId, offer: parseOffer(chromiumOffer), wish: null });

test('of a viewer that never was, or has left, nothing is restarted and nobody leaves', async (t) => {
  const { audience } = setAudienceStage(t, { perShard: 100, maxShards: 0 });
  assert.equal(await audience.leave('nobody', 'viewer'), false);
  await assert.rejects(audience.restart('nobody', 'ufrag'), { code: 'session.notFound' });
  const { iceTag } = await audience.join(request('viewer'));
  const restarted = await audience.restart('viewer', 'ufrag');
  assert.notEqual(restarted.iceTag, iceTag);
  assert.ok(restarted.fragment.includes(`a=ice-ufrag:${restarted.iceTag}`));
  assert.equal(await audience.leave('viewer', 'viewer'), true);
  assert.equal(await audience.leave('viewer', 'viewer'), false);
  await assert.rejects(audience.restart('viewer', 'ufrag'), { code: 'session.notFound' });
});

test('a viewer that leaves before it has its answer gets none, and leaves nothing behind', async (t) => {
  const { audience, wanted } = setAudienceStage(t, { perShard: 100, maxShards: 0 });
  const joining = audience.join(request('viewer'));
  assert.equal(await audience.leave('viewer', 'viewer'), false);
  await assert.rejects(joining, { code: 'session.notFound' });
  const { viewers, sent } = await audience.stats();
  assert.deepEqual([viewers, sent.packets], [[], 0]);
  assert.deepEqual(wanted, []);
});

test('a thread that is too late for a while takes no further viewer, and who is there stays', async (t) => {
  const { audience } = setAudienceStage(t, { perShard: 0, maxShards: 0, loopLagMs: 2000 });
  await audience.join(request('first'));
  // The load is looked at once a second, and must be so twice.
  let second: unknown = null;
  await until('it is refused', async () => {
    second = await audience.join(request('second')).catch((error: unknown) => error);
    await audience.leave('second', 'viewer');
    return second instanceof SluiceError;
  });
  assert.ok(second instanceof SluiceError && second.code === 'viewer.overloaded');
  assert.deepEqual(
    (await audience.stats()).viewers.map(({ viewerId }) => viewerId),
    ['first'],
  );
});

test('beyond viewers.maxPerStream nobody joins, and who leaves makes room', async (t) => {
  const { audience } = setAudienceStage(t, { perShard: 100, maxShards: 0, maxPerStream: 1 });
  await audience.join(request('first'));
  await assert.rejects(audience.join(request('second')), { code: 'viewer.limit' });
  await audience.leave('first', 'viewer');
  await audience.join(request('second'));
});
