/** A hot stream among some, with viewers of it at all three nodes, who are counted whatever happens. */
import type { Load } from '../support/load/load.js';
import type { Figures } from './figures.js';
import { namesOf, watchDuplicates, watchFrames } from './looks.js';
import type { ClusterNode } from './node.js';
import type { ClusterStage } from './stage.js';

/** Streams of the stage, which are pulled before any scenario. */
export const streams = namesOf(6);
export const [hot = ''] = streams;
const eachAt = 4;
export const takeOverMs = 10_000;

interface Scene {
  /** Of the viewers at these nodes; `mostMs`: so long they may have no picture. */
  finish(figures: Figures, at: readonly ClusterNode[], mostMs?: number): Promise<void>;
}

export async function setScene(stage: ClusterStage, owner: ClusterNode): Promise<Scene> {
  const watched = await Promise.all(
    stage.nodes.map(async (node) => {
      const load = stage.load(node.name);
      await joinAll(load, node, [hot], eachAt);
      await load.measure();
      return { name: node.name, load, frames: watchFrames(load) };
    }),
  );
  const duplicates = watchDuplicates(stage.cameras, streams.length);
  return {
    async finish(figures, at, mostMs = takeOverMs) {
      const { most, forMs } = await duplicates.stop();
      const names = new Set(at.map(({ name }) => name));
      const alive = await Promise.all(
        watched.map(async ({ name, load, frames }) => {
          const { playing, ended, silent } = await load.result();
          return { name, kept: playing - ended - silent, longestMs: await frames.stop() };
        }),
      );
      await Promise.all(watched.map(({ load }) => load.end()));
      const edges = alive.filter(({ name }) => names.has(name) && name !== owner.name);
      figures.note(
        'viewers at edges, without a picture for (ms)',
        Math.max(...edges.map(({ longestMs }) => longestMs)),
        mostMs,
      );
      figures.note(
        'viewers at edges lost',
        edges.reduce((lost, { kept }) => lost + eachAt - kept, 0),
        0,
      );
      const [own] = alive.filter(({ name }) => names.has(name) && name === owner.name);
      if (own !== undefined) {
        figures.note('viewers at the owner, without a picture for (ms)', own.longestMs);
        figures.note('viewers at the owner lost', eachAt - own.kept, 0);
      }
      figures.note('links to sources beyond one each, at the most', most);
      figures.note('for so long (ms)', forMs);
    },
  };
}

const rounds = 6;
const apartMs = 30;

/** So many viewers of each of these streams at this node, who come again while they are refused, as players do. All play, or it fails. */
export async function joinAll(load: Load, node: ClusterNode, names: readonly string[], each: number): Promise<void> {
  let waiting = names.flatMap((name) => Array.from({ length: each }, () => `${node.ownHttp}/whep/${name}`));
  let why: string | null = null;
  for (let round = 0; waiting.length > 0; round += 1) {
    if (round === rounds) throw new Error(`${waiting.length} viewers at ${node.name} do not play: ${why}`);
    const joined = await load.join(waiting, apartMs * waiting.length);
    const failed = joined.filter(({ error }) => error !== null);
    await load.leave(
      failed.flatMap(({ viewer }) => viewer ?? []),
      'delete',
    );
    waiting = failed.map(({ endpoint }) => endpoint);
    why = failed[0]?.error ?? null;
  }
}
