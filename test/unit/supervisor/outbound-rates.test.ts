import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { StreamStats, ViewerStats } from '../../../actors/stats.js';
import { SluiceError } from '../../../src/errors.js';
import { createOutboundRates } from '../../../src/supervisor/outbound-rates.js';
import { noStats } from '../../support/threads/fake-threads.js';

const viewer = (viewerId: string, videoBytesSent: number): ViewerStats => ({
  viewerId,
  connected: true,
  audioCodec: 'Opus',
  videoEncoding: 'source',
  packetsSent: 0,
  bytesSent: 0,
  videoBytesSent,
  packetsResent: 0,
  packetsNacked: 0,
  framesSkipped: 0,
  lossFraction: 0,
  roundTripMs: null,
  jitterMs: null,
  estimateKbps: null,
  keyRequests: 0,
  cannotDecode: false,
  estimateKind: null,
});

/** `bytes`: what each viewer was sent by now; a pull that has none does not answer. */
function setUp(t: TestContext, listeners: Readonly<Record<string, readonly string[]>>) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const bytes: Record<string, Record<string, number>> = {};
  const asked: string[] = [];
  const told: [string, number][] = [];
  const rates = createOutboundRates({
    viewers: {
      rateListeners: () => new Map(Object.entries(listeners).map(([pullId, ids]) => [pullId, new Set(ids)])),
      videoRate: (viewerId, bps) => told.push([viewerId, bps]),
    },
    async statsOf(pullId): Promise<StreamStats> {
      asked.push(pullId);
      const sent = bytes[pullId];
      if (sent === undefined) throw new SluiceError('actor.timeout');
      return { ...noStats, viewers: Object.entries(sent).map(([id, count]) => viewer(id, count)) };
    },
    nowMs: () => Date.now(),
  });
  t.after(() => rates.close());
  return {
    bytes,
    asked,
    told,
    async second() {
      t.mock.timers.tick(1000);
      for (let n = 0; n < 10; n += 1) await Promise.resolve();
    },
  };
}

test('each second a viewer is told its own rate, from the second measurement on', async (t) => {
  const { bytes, told, second } = setUp(t, { one: ['a'] });
  bytes.one = { a: 1000, other: 1 };
  await second();
  assert.deepEqual(told, []);
  bytes.one = { a: 126_000, other: 999_999 };
  await second();
  bytes.one = { a: 126_000, other: 999_999 };
  await second();
  assert.deepEqual(told, [
    ['a', 1_000_000],
    ['a', 0],
  ]);
});

test('counters that begin anew give no rate that time', async (t) => {
  const { bytes, told, second } = setUp(t, { one: ['a'] });
  for (const count of [5000, 100, 1100]) {
    bytes.one = { a: count };
    await second();
  }
  assert.deepEqual(told, [['a', 8000]]);
});

test('a stream that does not answer keeps its rates from no other', async (t) => {
  const { bytes, asked, told, second } = setUp(t, { dead: ['x'], one: ['a'] });
  for (const count of [0, 1000]) {
    bytes.one = { a: count };
    await second();
  }
  assert.deepEqual(told, [['a', 8000]]);
  assert.deepEqual(asked, ['dead', 'one', 'dead', 'one']);
});

test('nobody is asked while nobody wants to know', async (t) => {
  const { asked, second } = setUp(t, {});
  await second();
  assert.deepEqual(asked, []);
});
