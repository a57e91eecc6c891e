/** What a cluster asks of its registry while nothing happens: the table of docs/scale.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Act, times } from '../../../../src/core/cluster/member.js';
import { createMember } from '../../../../src/core/cluster/state-machine.js';
import { claim, node, viewOf, wanted } from './member-stage.js';

const periodMs = 20_000;

interface Load {
  /** By kind, a second, of one node. */
  readonly calls: ReadonlyMap<Act['kind'], number>;
  readonly claimsRenewed: number;
  readonly edgesTold: number;
}

/** One of so many nodes, among which the streams are shared evenly; each is an edge of as many streams as it owns. */
function loadOf(nodeCount: number, streamCount: number): Load {
  const nodes = Array.from({ length: nodeCount }, (_, at) => node(`n${at}`));
  const keys = Array.from({ length: streamCount }, (_, at) => `k${at}`);
  const claims = keys.map((key, at) => claim(key, `n${at % nodeCount}`, 5));
  const member = createMember(node('n0'), { maxChildren: 8 });
  const calls = new Map<Act['kind'], number>();
  let [claimsRenewed, edgesTold, isCounting] = [0, 0, false];
  const carryOut = (acts: readonly Act[], nowMs: number): void => {
    for (const act of acts) {
      if (isCounting) calls.set(act.kind, (calls.get(act.kind) ?? 0) + 1000 / periodMs);
      if (act.kind === 'renew')
        carryOut(member.on({ kind: 'renewed', act, held: act.claims.map(() => true) }, nowMs), nowMs);
      if (act.kind === 'read') carryOut(member.on({ kind: 'view', view, askedAtMs: nowMs }, nowMs + 1), nowMs + 1);
      if (isCounting && act.kind === 'renew') claimsRenewed += (act.claims.length * 1000) / periodMs;
      if (isCounting && act.kind === 'announceEdges') edgesTold += (act.edges.length * 1000) / periodMs;
    }
  };
  const view = viewOf({ nodes, wanted: keys.map((key) => wanted(key)), claims });
  carryOut(member.on({ kind: 'time' }, 0), 0);
  for (const [at, key] of keys.entries()) {
    if (at % nodeCount === 1) carryOut(member.on({ kind: 'needed', key, viewers: 1, demand: null }, 10), 10);
  }
  for (let nowMs = 500; nowMs < 3000 + periodMs; nowMs += 500) {
    isCounting = nowMs >= 3000;
    for (const other of nowMs % times.renewMs === 0 ? nodes.slice(1) : []) {
      carryOut(
        member.on({ kind: 'change', change: { kind: 'node', nodeId: other.nodeId, node: other } }, nowMs),
        nowMs,
      );
    }
    carryOut(member.on({ kind: 'time' }, nowMs), nowMs);
  }
  return { calls, claimsRenewed, edgesTold };
}

const sum = (calls: ReadonlyMap<string, number>): number => [...calls.values()].reduce((all, one) => all + one, 0);

for (const [nodeCount, streamCount, readsPerSecond] of [
  [3, 60, 0.1],
  [50, 500, 0.1],
  [300, 30_000, 0],
  [1000, 100_000, 0],
] as const) {
  test(`${nodeCount} nodes, ${streamCount} streams`, (t) => {
    const { calls, claimsRenewed, edgesTold } = loadOf(nodeCount, streamCount);
    t.diagnostic(`a node: ${[...calls].map(([kind, times]) => `${kind} ${times.toFixed(2)}`).join(', ')} a second`);
    t.diagnostic(
      `all: ${(sum(calls) * nodeCount).toFixed(0)} calls, ${(claimsRenewed * nodeCount).toFixed(0)} claims and ` +
        `${(edgesTold * nodeCount).toFixed(0)} edges renewed a second`,
    );
    // Whatever the number of its streams, a node asks once every 2 s for all of them.
    for (const kind of ['announce', 'renew', 'announceEdges'] as const)
      assert.equal(calls.get(kind)?.toFixed(2), '0.50');
    assert.ok((calls.get('read') ?? 0) <= readsPerSecond + 0.01);
    assert.ok(sum(calls) <= 1.61);
    assert.ok(Math.abs(claimsRenewed * nodeCount - streamCount / 2) < nodeCount);
  });
}
