import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RoomFacts, type StreamCost, viewerRoom } from '../../../../src/core/supervise/viewer-room.js';

const idle: RoomFacts = {
  cores: 2,
  cpuShare: 0,
  maxCpuShare: 0.95,
  freeCores: 2,
  network: { sentKbps: 0, receivedKbps: 0, maxKbps: null },
  usedBytes: 1e8,
  ceilingBytes: 8e9,
  viewers: 0,
  maxViewers: 10_000,
  streams: [],
};
const room = (given: Partial<RoomFacts>) => viewerRoom(Object.assign({ ...idle }, given));
const stream = (viewers: number, sentKbps: number, cores: number): StreamCost => ({
  viewers,
  sourceKbps: 2500,
  sentKbps,
  cores,
});

test('of an idle server the usual cost is taken: 10 µs for each packet of 2.5 Mbit/s', () => {
  assert.deepEqual(room({}), { viewers: 0, more: 668, limit: 'cpu' });
});

test('a slower stream leaves room for more', () => {
  const slow = [{ viewers: 0, sourceKbps: 500, sentKbps: 0, cores: 0.01 }];
  assert.equal(room({ streams: slow }).more, 5 * 668 + 4);
});

test('with viewers it is what they cost: ten times as dear, a tenth as many', () => {
  const streams = [stream(100, 250_000, 0.6)];
  const { more, limit } = room({ streams, viewers: 100, cpuShare: 0.35 });
  // 6 ms of a core each, and 1.2 cores are left.
  assert.deepEqual([more, limit], [200, 'cpu']);
});

test('a stream with few viewers says what they are sent, and not what they cost', () => {
  assert.equal(room({ streams: [stream(2, 5000, 0.5)] }).more, 668);
});

test('what the network can still carry limits it, by what viewers are sent', () => {
  const network = { sentKbps: 500_000, receivedKbps: 800_000, maxKbps: 900_000 };
  assert.deepEqual(room({ network }), { viewers: 0, more: 160, limit: 'bandwidth' });
  const streams = [stream(10, 50_000, 0.01)];
  assert.deepEqual(room({ network, streams, viewers: 10 }), { viewers: 10, more: 80, limit: 'bandwidth' });
  assert.equal(room({ network: { sentKbps: 950_000, receivedKbps: 0, maxKbps: 900_000 } }).more, 0);
});

test('what other programs take is not there, but for a tenth of what the process may have', () => {
  assert.equal(room({ freeCores: 0.95 }).more, 334);
  assert.equal(room({ freeCores: 0 }).more, 66);
  assert.equal(room({ freeCores: 2, cpuShare: 1 }).more, 0);
});

test('memory and viewers.max limit it too, and it is never below 0', () => {
  assert.deepEqual(room({ usedBytes: 7.9925e9 }), { viewers: 0, more: 100, limit: 'memory' });
  assert.deepEqual(room({ maxViewers: 30, viewers: 10 }), { viewers: 10, more: 20, limit: 'viewers.max' });
  assert.deepEqual(room({ cpuShare: 1 }), { viewers: 0, more: 0, limit: 'cpu' });
});
