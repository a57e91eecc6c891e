/** What scenarios look at: who owns which stream, how long nobody saw a new picture, how many pull one source. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterStream } from '../../src/server/cluster-schemas.js';
import type { Load } from '../support/load/load.js';
import type { Cameras } from '../support/source/cameras.js';
import { until } from '../support/until.js';
import type { ClusterNode } from './node.js';
import type { ClusterStage } from './stage.js';

const lookEveryMs = 50;

export const namesOf = (count: number, first = 0): readonly string[] =>
  Array.from({ length: count }, (_, n) => `cam${first + n}`);

/** As this node sees them, by name. */
export async function streamsAt(node: ClusterNode): Promise<ReadonlyMap<string, ClusterStream>> {
  const view = await node.cluster();
  return new Map(view?.streams.map((stream) => [stream.name ?? '', stream]));
}

const isLiveAt = async (node: ClusterNode): Promise<ReadonlySet<string>> => {
  try {
    const listed: unknown = await (await node.ask('GET', '/api/streams')).json();
    const live = Array.isArray(listed) ? listed.filter(({ state }) => state === 'PROCESSED_REMOTE') : [];
    return new Set(live.map(({ name }) => String(name)));
  } catch {
    return new Set();
  }
};

/** All have an owner among these nodes, of which all know, and media. Gives how long that took. */
export async function whenOwned(
  nodes: readonly ClusterNode[],
  names: readonly string[],
  timeoutMs = 30_000,
): Promise<number> {
  const startMs = performance.now();
  await until(
    `${names.join(', ')} are owned and live at ${nodes.map(({ name }) => name).join(', ')}`,
    async () => {
      const views = await Promise.all(nodes.map(streamsAt));
      const live = new Map(await Promise.all(nodes.map(async (node) => [node.name, await isLiveAt(node)] as const)));
      return names.every((name) => {
        const owners = views.map((view) => view.get(name)?.owner?.node ?? '');
        return new Set(owners).size === 1 && (live.get(owners[0] ?? '')?.has(name) ?? false);
      });
    },
    timeoutMs,
  );
  return performance.now() - startMs;
}

export async function pullAll(
  { nodes, cameras }: Pick<ClusterStage, 'nodes' | 'cameras'>,
  names: readonly string[],
  at?: ClusterNode,
): Promise<void> {
  for (const [n, name] of names.entries()) {
    const asked = at ?? nodes[n % nodes.length];
    const body = { uri: cameras.url(name), localStreamName: name };
    const answer = await asked?.ask('POST', '/rest-api/pull/rtmp/pull', body);
    if (answer?.status !== 200)
      throw new Error(`the pull of ${name} at ${asked?.name} answered ${answer?.status}: ${await answer?.text()}`);
  }
}

/** The node that owns it, as the first of all nodes sees it. */
export async function ownerOf(stage: ClusterStage, name: string): Promise<ClusterNode> {
  const [first] = stage.nodes;
  const owner = first === undefined ? undefined : (await streamsAt(first)).get(name)?.owner?.node;
  if (owner === undefined) throw new Error(`nobody owns ${name}`);
  return stage.node(owner);
}

export interface Watch<T> {
  stop(): Promise<T>;
}

/** Looks again and again until it is stopped; what it found is given then. */
function watching<T>(look: () => Promise<void>, found: () => T): Watch<T> {
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver) {
      await look();
      await delay(lookEveryMs);
    }
  };
  const running = run();
  return {
    async stop() {
      isOver = true;
      await running;
      return found();
    },
  };
}

/** The longest time without a new frame at any viewer of this load, within 50 ms. */
export function watchFrames(load: Load): Watch<number> {
  let [frames, sinceMs, longestMs] = [-1, performance.now(), 0];
  return watching(
    async () => {
      const { frames: now } = await load.result();
      if (now === frames) return;
      const atMs = performance.now();
      longestMs = Math.max(longestMs, atMs - sinceMs);
      [frames, sinceMs] = [now, atMs];
    },
    () => Math.max(longestMs, performance.now() - sinceMs),
  );
}

/** How many more links to sources there were than streams, at most, and for how long there were any. */
export function watchDuplicates(
  cameras: Cameras,
  streams: number,
): Watch<{ readonly most: number; readonly forMs: number }> {
  let [most, forMs, lastMs] = [0, 0, performance.now()];
  return watching(
    async () => {
      const more = (await cameras.usage()).cameras - streams;
      const nowMs = performance.now();
      most = Math.max(most, more);
      if (more > 0) forMs += nowMs - lastMs;
      lastMs = nowMs;
    },
    () => ({ most, forMs }),
  );
}
