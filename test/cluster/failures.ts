/** What may happen to a cluster, one by one. Each leaves it whole again. */
import { setTimeout as delay } from 'node:timers/promises';
import { hubAddress } from '../support/network/hosts.js';
import { until } from '../support/until.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';
import { framesOfOldLinks, linksSeenBy } from './connections.js';
import type { Figures } from './figures.js';
import { ownerOf, pullAll, streamsAt, watchDuplicates, whenOwned } from './looks.js';
import type { ClusterNode } from './node.js';
import { openPlayer } from './player.js';
import { hot, joinAll, setScene, streams, takeOverMs } from './scene.js';
import type { ClusterStage } from './stage.js';

export type Scenario = (stage: ClusterStage, figures: Figures) => Promise<void>;

/** 60 frames of 30 a second. */
const gopMs = 2000;
const pausedMs = 10_000;
const enoughFrames = 20;

/** SIGKILL of the owner: no word to anybody. */
export const ownerKilled: Scenario = async (stage, figures) => {
  const owner = await ownerOf(stage, hot);
  const others = stage.nodes.filter((node) => node !== owner);
  const scene = await setScene(stage, owner);
  const player = await openPlayer(stage, hot, [owner, ...others]);
  owner.child.process.kill('SIGKILL');
  figures.note('streams owned and live again after (ms)', await whenOwned(others, streams), takeOverMs);
  await until('Chromium plays from another node', () => player.server !== owner.http, 20_000);
  await until('Chromium shows pictures', async () => (await player.seen()).frames > enoughFrames, 20_000);
  figures.note(
    'Chromium at the node that died, without a picture for (ms)',
    (await player.seen()).longestMs,
    takeOverMs,
  );
  await scene.finish(figures, others);
  await player.close();
  await stage.startAgain(owner.name);
  await whenOwned(stage.nodes, streams);
};

/** SIGSTOP of the owner, longer than its lease: when it goes on it does not know that others have gone on without it. */
export const ownerPaused: Scenario = async (stage, figures) => {
  const owner = await ownerOf(stage, hot);
  const others = stage.nodes.filter((node) => node !== owner);
  const scene = await setScene(stage, owner);
  const viewers = await Promise.all(
    others.map(({ http, host }) =>
      joinWhep(`${http}/whep/${hot}`, { address: host.address, localAddress: hubAddress }),
    ),
  );
  process.kill(owner.child.pid, 'SIGSTOP');
  const [tookMs] = await Promise.all([whenOwned(others, streams), delay(pausedMs)]);
  figures.note('streams owned and live again after (ms)', tookMs, takeOverMs);
  process.kill(owner.child.pid, 'SIGCONT');
  await whenOwned(stage.nodes, streams);
  // What the old owner has yet to send would come now.
  await delay(gopMs);
  const seen = viewers.map(linksSeenBy);
  figures.note('links to the source that edges had pictures of', Math.max(...seen.map(({ length }) => length)));
  figures.note(
    'pictures of the old epoch after those of the new one',
    seen.map(framesOfOldLinks).reduce((a, b) => a + b, 0),
    0,
  );
  for (const viewer of viewers) viewer.close();
  await scene.finish(figures, stage.nodes);
};

/** The plug of the owner is pulled, and put in again: two sides, of which each goes on. */
export const linkDown: Scenario = async (stage, figures) => {
  const owner = await ownerOf(stage, hot);
  const others = stage.nodes.filter((node) => node !== owner);
  const scene = await setScene(stage, owner);
  owner.host.setLink(false);
  figures.note(
    'streams owned and live again on the other side after (ms)',
    await whenOwned(others, streams),
    takeOverMs,
  );
  owner.host.setLink(true);
  figures.note('one cluster again after (ms)', await whenOneAgain(stage), takeOverMs);
  await scene.finish(figures, stage.nodes);
};

/** All nodes have one view, and each source is pulled once. */
async function whenOneAgain(stage: ClusterStage): Promise<number> {
  const startMs = performance.now();
  await whenOwned(stage.nodes, streams);
  await until('each source is pulled once', async () => (await stage.cameras.usage()).cameras === streams.length);
  return performance.now() - startMs;
}

const isReady = async (node: ClusterNode): Promise<string> => (await node.ask('GET', '/readyz')).text();

/** redis-server is killed, and started again some time later; `forgets`: it has lost what it had. */
export const registryGone =
  (forgets: boolean): Scenario =>
  async (stage, figures) => {
    const owner = await ownerOf(stage, hot);
    const scene = await setScene(stage, owner);
    await stage.redis.kill();
    await until('all say so', async () =>
      (await Promise.all(stage.nodes.map(isReady))).every((body) => /degraded/.test(body)),
    );
    const [one, other] = stage.nodes;
    if (one === undefined || other === undefined) throw new Error('a stage without nodes');
    const newcomer = forgets ? 'late' : 'later';
    await pullAll(stage, [newcomer], one);
    await until(
      'a new pull plays at the node that was asked',
      async () => (await fetchState(one, newcomer)) === 'PROCESSED_REMOTE',
    );
    await pullAll(stage, [newcomer], other);
    await until('it plays at another one too', async () => (await fetchState(other, newcomer)) === 'PROCESSED_REMOTE');
    // Longer than any lease.
    await delay(pausedMs);
    const startMs = performance.now();
    if (forgets) stage.redis.forget();
    await stage.redis.restart();
    await whenOwned(stage.nodes, [...streams, newcomer]);
    await until('each source is pulled once', async () => (await stage.cameras.usage()).cameras === streams.length + 1);
    figures.note('reconciled after (ms)', performance.now() - startMs, takeOverMs);
    await until('all are ready', async () =>
      (await Promise.all(stage.nodes.map(isReady))).every((body) => body === 'ok\n'),
    );
    const ended = await one.ask('POST', '/rest-api/pull/rtmp/terminate', { localStreamName: newcomer });
    figures.note('answer of terminate by name', ended.status, 200);
    await until('it has ended everywhere', async () => !(await streamsAt(other)).has(newcomer));
    await scene.finish(figures, stage.nodes, gopMs / 2);
  };

/** Somebody deletes all that the registry holds, while it runs. */
export const registryFlushed: Scenario = async (stage, figures) => {
  const owner = await ownerOf(stage, hot);
  const scene = await setScene(stage, owner);
  await stage.redis.flush();
  // Longer than any lease, and until all have read it.
  await delay(pausedMs);
  await whenOwned(stage.nodes, streams);
  figures.note('sources that are pulled', (await stage.cameras.usage()).cameras, streams.length);
  await scene.finish(figures, stage.nodes, gopMs);
};

async function fetchState(node: ClusterNode, name: string): Promise<string> {
  const answer = await node.ask('GET', `/api/streams/${name}`);
  const body: unknown = await answer.json();
  return typeof body === 'object' && body !== null && 'state' in body ? String(body.state) : '';
}

/** The owner is drained: it hands over first. */
export const ownerDrained: Scenario = async (stage, figures) => {
  const owner = await ownerOf(stage, hot);
  const others = stage.nodes.filter((node) => node !== owner);
  const scene = await setScene(stage, owner);
  const player = await openPlayer(stage, hot, [owner, ...others]);
  const startMs = performance.now();
  await owner.ask('POST', '/api/drain', { afterMs: 500 });
  figures.note('exit code', Number(await owner.child.exited), 0);
  figures.note('ended after (ms)', performance.now() - startMs, takeOverMs);
  await whenOwned(others, streams);
  await until(
    'Chromium shows pictures',
    async () => player.server !== owner.http && (await player.seen()).frames > enoughFrames,
    20_000,
  );
  figures.note('Chromium at the drained node, without a picture for (ms)', (await player.seen()).longestMs, takeOverMs);
  await scene.finish(figures, others, gopMs + 500);
  await player.close();
  await stage.startAgain(owner.name);
  await whenOwned(stage.nodes, streams);
};

/** A node that has no room for viewers: who comes is sent on by 307, which the player follows. */
export const nodeFull: Scenario = async (stage, figures) => {
  const owner = await ownerOf(stage, hot);
  const full = stage.nodes.find((node) => node !== owner) ?? owner;
  await full.child.stop();
  const again = await stage.startAgain(full.name, ['--viewers.max=1']);
  await whenOwned(stage.nodes, streams);
  const load = stage.load(full.name);
  await joinAll(load, again, [hot], 1);
  await until('others know that it is full', async () =>
    (await owner.cluster())?.nodes.some(({ name, room }) => name === full.name && room.viewers === 0),
  );
  const startMs = performance.now();
  const player = await openPlayer(stage, hot, [again]);
  figures.note('Chromium at the full node, first picture after (ms)', performance.now() - startMs, takeOverMs);
  figures.note('it plays from the full node', player.server === again.http ? 1 : 0, 0);
  await player.close();
  await load.end();
  await again.child.stop();
  await stage.startAgain(full.name);
  await whenOwned(stage.nodes, streams);
};

/** Each node is drained and started again, one after the other. */
export const rollingRestart: Scenario = async (stage, figures) => {
  const player = await openPlayer(stage, hot, stage.nodes);
  const duplicates = watchDuplicates(stage.cameras, streams.length);
  const startMs = performance.now();
  for (const { name } of stage.nodes) {
    const node = stage.node(name);
    await node.ask('POST', '/api/drain', { afterMs: 500 });
    await node.child.exited;
    await stage.startAgain(name);
    await whenOwned(stage.nodes, streams);
  }
  figures.note('three nodes restarted in (ms)', performance.now() - startMs);
  await until('Chromium shows pictures', async () => (await player.seen()).frames > enoughFrames, 20_000);
  figures.note('Chromium, without a picture for (ms)', (await player.seen()).longestMs, takeOverMs);
  const { most, forMs } = await duplicates.stop();
  figures.note('sources pulled twice, at the most', most);
  figures.note('for so long (ms)', forMs);
  await player.close();
};
