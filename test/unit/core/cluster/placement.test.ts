import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeStreams, nearness, rankOf } from '../../../../src/core/cluster/placement.js';
import type { NodeRecord } from '../../../../src/core/cluster/records.js';

const node = (nodeId: string, streams: number, label = '', isDraining = false): NodeRecord => ({
  nodeId,
  name: nodeId,
  protocol: 1,
  label,
  addresses: { http: '', ws: '', rtmp: '' },
  room: { cpu: 100_000, kbps: null, streams, viewers: 100 },
  isDraining,
  trialKey: null,
});
const keys = Array.from({ length: 4000 }, (_, at) => `key${at}`);
const firstOf = (nodes: readonly NodeRecord[], key: string, label = ''): string | undefined =>
  nodes.find((one) => rankOf(one, nodes, { key, label }) === 0)?.nodeId;

test('each node gets streams by its free room', () => {
  const nodes = [node('a', 10), node('b', 20), node('c', 30), node('d', 40)];
  for (const { nodeId, room } of nodes) {
    const share = keys.filter((key) => firstOf(nodes, key) === nodeId).length / keys.length;
    // Three standard deviations of 4,000 draws are 0.02 and a bit.
    assert.ok(Math.abs(share - room.streams / 100) < 0.025, `${nodeId} has ${share}`);
  }
});

test('a node that comes or goes moves no stream between two others', () => {
  const nodes = Array.from({ length: 10 }, (_, at) => node(`n${at}`, 50));
  const fewer = nodes.slice(1);
  const moved = keys.filter((key) => firstOf(nodes, key) !== firstOf(fewer, key));
  assert.ok(moved.every((key) => firstOf(nodes, key) === 'n0'));
  assert.ok(moved.length < 0.13 * keys.length && moved.length > 0.07 * keys.length, `${moved.length}`);
});

test('what a node gains or loses in room is all that it gains or loses in streams', () => {
  const nodes = [node('a', 50), node('b', 50), node('c', 50)];
  const fuller = [node('a', 25), ...nodes.slice(1)];
  for (const key of keys) {
    const [before, after] = [firstOf(nodes, key), firstOf(fuller, key)];
    assert.ok(before === after || before === 'a', `${key} goes from ${before} to ${after}`);
  }
});

test('all nodes come to one order, each of its own rank', () => {
  const nodes = Array.from({ length: 7 }, (_, at) => node(`n${at}`, 10 + at));
  for (const key of keys.slice(0, 200)) {
    const ranks = nodes.map((one) => rankOf(one, nodes, { key, label: '' }));
    assert.deepEqual(ranks.toSorted(), [0, 1, 2, 3, 4, 5, 6]);
  }
});

test('who has no room, or is draining, never takes a stream', () => {
  const full = node('a', 0);
  const busy: NodeRecord = { ...node('b', 10), room: { cpu: 0, kbps: null, streams: 10, viewers: 10 } };
  const leaving = node('c', 10, '', true);
  const nodes = [full, busy, leaving, node('d', 1)];
  for (const one of [full, busy, leaving]) assert.equal(freeStreams(one), 0);
  for (const key of keys.slice(0, 200)) {
    assert.deepEqual(
      nodes.map((one) => rankOf(one, nodes, { key, label: '' })),
      [null, null, null, 0],
    );
  }
});

test('a node whose network is nearly full gets the fewer streams, and one whose is not known none the fewer', () => {
  const narrow: NodeRecord = { ...node('a', 30), room: { cpu: 100_000, kbps: 500_000, streams: 30, viewers: 100 } };
  assert.equal(freeStreams(narrow), 10);
  assert.equal(freeStreams(node('b', 30)), 30);
  const nodes = [narrow, node('b', 30)];
  const share = keys.filter((key) => firstOf(nodes, key) === 'a').length / keys.length;
  assert.ok(Math.abs(share - 0.25) < 0.025, `${share}`);
});

test('a node near the source comes before one with more room', () => {
  const nodes = [node('a', 500, 'us/nyc'), node('b', 1, 'eu/fra/rack1'), node('c', 500, 'eu/ams'), node('d', 500)];
  for (const key of keys.slice(0, 100)) {
    assert.equal(firstOf(nodes, key, 'eu/fra'), 'b');
    assert.ok(['b', 'c'].includes(firstOf(nodes, key, 'eu') ?? ''));
  }
});

test('labels are as near as the parts that they share', () => {
  const cases: readonly [one: string, other: string, near: number][] = [
    ['', '', 0],
    ['eu', '', 0],
    ['eu', 'us', 0],
    ['eu', 'eu', 1],
    ['eu/fra', 'eu/ams', 1],
    ['eu/fra/rack2', 'eu/fra', 2],
    ['eu/fra', 'eu/fra/rack2', 2],
    ['fra', 'eu/fra', 0],
  ];
  for (const [one, other, near] of cases) assert.equal(nearness(one, other), near, `${one} ${other}`);
});
