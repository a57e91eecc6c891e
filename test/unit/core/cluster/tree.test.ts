import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeIn } from '../../../../src/core/cluster/tree.js';
import { createRandom } from '../../../support/random.js';

type Edges = Map<string, { parentId: string }>;

const place = (edges: Edges, nodeId: string, maxChildren: number, ownerId = 'owner', avoided?: ReadonlySet<string>) =>
  placeIn({ key: 'k', ownerId, edges, maxChildren }, nodeId, avoided);

/** Links from an edge to the owner; null: it hangs in the air, or in a loop. */
function depthOf(edges: Edges, nodeId: string, ownerId = 'owner'): number | null {
  let depth = 0;
  for (let at = nodeId; at !== ownerId; depth++) {
    const parent = edges.get(at)?.parentId;
    if (parent === undefined || depth > edges.size) return null;
    at = parent;
  }
  return depth;
}

function join(count: number, maxChildren: number): Edges {
  const edges: Edges = new Map();
  for (let at = 0; at < count; at++) {
    const { parentId } = place(edges, `n${at}`, maxChildren);
    edges.set(`n${at}`, { parentId });
  }
  return edges;
}

const childrenOf = (edges: Edges): ReadonlyMap<string, number> => {
  const children = new Map<string, number>();
  for (const { parentId } of edges.values()) children.set(parentId, (children.get(parentId) ?? 0) + 1);
  return children;
};

test('edges that come one by one make a shallow tree, and hardly anybody has more children than it should', () => {
  for (const [count, maxChildren, depth, most] of [
    [8, 8, 1, 8],
    [50, 8, 3, 11],
    [400, 8, 6, 14],
    [400, 20, 4, 25],
  ] as const) {
    const edges = join(count, maxChildren);
    const depths = [...edges.keys()].map((nodeId) => depthOf(edges, nodeId) ?? Number.POSITIVE_INFINITY);
    assert.ok(Math.max(...depths) <= depth, `${count} nodes, ${maxChildren} children: ${Math.max(...depths)}`);
    // Who comes before all others in the order can only go to the owner: one more each time that their number grows by e.
    const children = [...childrenOf(edges).values()];
    assert.ok(Math.max(...children) <= most, `${count} nodes, ${maxChildren} children: ${children}`);
  }
});

test('it takes the parent with the fewest links to the owner, of those the one with the fewest children', () => {
  const edges = join(2, 1);
  // The order of a chain is that of the hashes: the second one hangs below the first, or both at the owner.
  assert.deepEqual(childrenOf(edges).get('owner'), edges.get('n1')?.parentId === 'owner' ? 2 : 1);
  const wide = join(200, 4);
  const owner = childrenOf(wide).get('owner') ?? 0;
  assert.ok(owner >= 4 && owner <= 9, `${owner}`);
});

test('an edge stays where it is while its parent is there', () => {
  const edges = join(100, 3);
  for (const [nodeId, { parentId }] of edges) assert.equal(place(edges, nodeId, 3).parentId, parentId);
});

test('with its parent gone or avoided it goes elsewhere', () => {
  const edges = join(100, 3);
  const parents = new Set([...edges.values()].map(({ parentId }) => parentId).filter((id) => id !== 'owner'));
  for (const gone of parents) {
    const others: Edges = new Map([...edges].filter(([nodeId]) => nodeId !== gone));
    for (const [nodeId, { parentId }] of others) {
      if (parentId !== gone) continue;
      const moved = place(others, nodeId, 3);
      assert.notEqual(moved.parentId, gone);
      assert.notEqual(place(edges, nodeId, 3, 'owner', new Set([gone])).parentId, gone);
    }
  }
});

test('who has nobody else goes to the owner, avoided or not', () => {
  assert.deepEqual(place(new Map(), 'n0', 3, 'owner', new Set(['owner'])), { parentId: 'owner', depth: 1 });
  assert.deepEqual(place(new Map(), 'n0', 0), { parentId: 'owner', depth: 1 });
});

test('with a new owner those below an edge stay there, and the others share the places without a word', () => {
  const edges = join(60, 4);
  const [ownerId = ''] = [...edges].find(([, { parentId }]) => parentId === 'owner') ?? [];
  edges.delete(ownerId);
  // All at once, each by the same records.
  const moved: Edges = new Map([...edges.keys()].map((nodeId) => [nodeId, place(edges, nodeId, 4, ownerId)]));
  for (const [nodeId, { parentId }] of moved) {
    assert.notEqual(depthOf(moved, nodeId, ownerId), null, nodeId);
    const before = edges.get(nodeId)?.parentId;
    if (before !== 'owner') assert.equal(parentId, before);
  }
  assert.ok(Math.max(...childrenOf(moved).values()) <= 4 + 3);
});

test('no loop comes about, however old the records are by which each edge decides', () => {
  const random = createRandom(26);
  for (let round = 0; round < 200; round++) {
    const edges: Edges = new Map();
    const past: Edges[] = [new Map()];
    for (let step = 0; step < 60; step++) {
      const nodeId = `n${Math.floor(12 * random())}`;
      const old = past[Math.floor(past.length * random())] ?? new Map();
      const ownerId = random() < 0.9 ? 'owner' : 'other';
      const avoided = new Set([...old.keys()].filter(() => random() < 0.3));
      if (random() < 0.2) edges.delete(nodeId);
      else edges.set(nodeId, { parentId: place(old, nodeId, 2, ownerId, avoided).parentId });
      past.push(new Map(edges));
      for (const start of edges.keys()) {
        const seen = new Set<string>();
        for (let at: string | undefined = start; at !== undefined; at = edges.get(at)?.parentId) {
          assert.ok(!seen.has(at), `${[...seen]} in a loop, round ${round}`);
          seen.add(at);
        }
      }
    }
  }
});

test('the depth that it tells is that of its place', () => {
  const edges = join(100, 3);
  for (const nodeId of edges.keys()) assert.equal(place(edges, nodeId, 3).depth, depthOf(edges, nodeId));
});
