/** What the users of a simulated cluster do: streams that they want, and viewers. */
import { newHost, pick, type Stage, wish, working } from './stage.js';

export interface Size {
  readonly nodes: number;
  readonly streams: number;
  readonly faults: number;
}

interface Key {
  readonly name: string;
  readonly isOnDemand: boolean;
}

/** One stream of five is pulled because its viewers ask for it, and for nothing else. */
export const keysOf = ({ streams }: Size): readonly Key[] =>
  Array.from({ length: streams }, (_, at) => ({ name: `s${at}`, isOnDemand: at % 5 === 4 }));

/** The first stream is watched at half of the nodes, others at three at the most. */
export function begin(stage: Stage, size: Size): void {
  for (let count = 0; count < size.nodes; count++) stage.schedule.after(500 * stage.random(), () => newHost(stage));
  for (const { name, isOnDemand } of keysOf(size)) {
    if (!isOnDemand) stage.schedule.after(1000 + 2000 * stage.random(), () => wish(stage, name));
    const watched = name === 's0' ? size.nodes / 2 : Math.floor(4 * stage.random());
    for (let count = 0; count < watched; count++) {
      stage.schedule.after(1000 + 4000 * stage.random(), () => moveViewers(stage, name, isOnDemand));
    }
  }
}

export function moveViewers(stage: Stage, key: string, isSourceKnown: boolean): void {
  const host = pick(stage, working(stage));
  if (host === undefined || host.isDraining || stage.endings.has(key)) return;
  host.streams.watch(key, host.streams.viewers.has(key) ? 0 : 1 + Math.floor(5 * stage.random()), isSourceKnown);
}
