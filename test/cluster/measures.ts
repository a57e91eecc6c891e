/** What a cluster costs, and how much later its edges show a picture. */
import { setTimeout as delay } from 'node:timers/promises';
import { stream } from '../../src/server/api-schemas.js';
import { quantileMs } from '../support/load/histogram.js';
import type { Load } from '../support/load/load.js';
import { coresBetween, usageOf } from '../support/server/usage.js';
import type { Scenario } from './failures.js';
import { namesOf, ownerOf, pullAll, whenOwned } from './looks.js';
import type { ClusterNode } from './node.js';
import { joinAll } from './scene.js';

const measuredMs = 10_000;

/** The same stream at its owner and at an edge, at the same time. */
export const edgeDelay: Scenario = async (stage, figures) => {
  const [name = ''] = namesOf(1);
  const owner = await ownerOf(stage, name);
  const edge = stage.nodes.find((node) => node !== owner) ?? owner;
  const [atOwner, atEdge] = [stage.load(owner.name), stage.load(edge.name)];
  await joinAll(atOwner, owner, [name], 4);
  await joinAll(atEdge, edge, [name], 4);
  await delay(2000);
  await Promise.all([atOwner.measure(), atEdge.measure()]);
  await delay(measuredMs);
  const [own, far] = [await atOwner.result(), await atEdge.result()];
  for (const [share, words, most] of [
    [0.5, 'p50', 5],
    [0.99, 'p99', 20],
  ] as const) {
    const [ownMs, farMs] = [quantileMs(own.delay, share), quantileMs(far.delay, share)];
    figures.note(`age of the picture at the owner, ${words} (ms)`, ownMs);
    figures.note(`at the edge, ${words} (ms)`, farMs);
    figures.note(`added by the edge, ${words} (ms)`, farMs - ownMs, most);
  }
  figures.note(
    'the same as the edge shows it, by pings over its link (ms)',
    (await shownDelayMs(edge, name)) ?? Number.NaN,
    5,
  );
  await Promise.all([atOwner.end(), atEdge.end()]);
};

/** What people are shown there; null: nothing. */
async function shownDelayMs(edge: ClusterNode, name: string): Promise<number | null> {
  const { linkDelayMs } = stream.parse(await (await edge.ask('GET', `/api/streams/${name}`)).json());
  return linkDelayMs;
}

/** Cores of a process while nothing else happens. */
async function coresOf(node: ClusterNode): Promise<number> {
  const before = usageOf(node.child.pid);
  await delay(measuredMs);
  return coresBetween(before, usageOf(node.child.pid));
}

const linked = namesOf(20, 100);

/** Twenty streams of one owner, each with one viewer at an edge, and each with one at the owner: the difference is the link. */
export const linkCost: Scenario = async (stage, figures) => {
  await pullAll(stage, linked);
  await whenOwned(stage.nodes, linked);
  const [one, other] = stage.nodes;
  if (one === undefined || other === undefined) throw new Error('a stage without nodes');
  const owned = await Promise.all(linked.map(async (name) => ((await ownerOf(stage, name)) === one ? [name] : [])));
  const names = owned.flat();
  const bare = await Promise.all([coresOf(one), coresOf(other)]);
  const load = stage.load(other.name);
  await joinAll(load, other, names, 1);
  const withLinks = await Promise.all([coresOf(one), coresOf(other)]);
  await load.end();
  const each = (n: 0 | 1): number => (100 * (withLinks[n] - bare[n])) / Math.max(1, names.length);
  figures.note('streams with a link', names.length);
  figures.note('a link at the owner (% of a core)', each(0));
  figures.note('a link, and one viewer, at the edge (% of a core)', each(1));
  for (const name of linked) await one.ask('POST', '/rest-api/pull/rtmp/terminate', { localStreamName: name });
};

const many = namesOf(20, 200);
const viewersEach = 10;

/** Twenty streams, each with ten viewers at each of the three nodes. */
export const manyViewers: Scenario = async (stage, figures) => {
  await pullAll(stage, many);
  figures.note('20 streams owned and live after (ms)', await whenOwned(stage.nodes, many));
  const loads: Load[] = [];
  for (const node of stage.nodes) {
    const load = stage.load(node.name);
    loads.push(load);
    await joinAll(load, node, many, viewersEach);
  }
  await Promise.all(loads.map((load) => load.measure()));
  const before = stage.nodes.map((node) => usageOf(node.child.pid));
  await delay(measuredMs);
  const results = await Promise.all(loads.map((load) => load.result()));
  const total = (of: (result: (typeof results)[number]) => number): number =>
    results.reduce((sum, one) => sum + of(one), 0);
  figures.note(
    'viewers',
    total(({ playing }) => playing),
  );
  figures.note(
    'viewers lost',
    total(({ ended, silent }) => ended + silent),
    0,
  );
  figures.note(
    'packets lost',
    total(({ lost }) => lost),
  );
  for (const [n, node] of stage.nodes.entries()) {
    const usage = before[n];
    if (usage !== undefined) figures.note(`cores of node ${node.name}`, coresBetween(usage, usageOf(node.child.pid)));
  }
  figures.note('age of the picture, p50 (ms)', Math.max(...results.map(({ delay: ages }) => quantileMs(ages, 0.5))));
  figures.note('age of the picture, p99 (ms)', Math.max(...results.map(({ delay: ages }) => quantileMs(ages, 0.99))));
  figures.note('links to sources', (await stage.cameras.usage()).cameras);
  await Promise.all(loads.map((load) => load.end()));
  for (const name of many)
    await stage.nodes[0]?.ask('POST', '/rest-api/pull/rtmp/terminate', { localStreamName: name });
};
