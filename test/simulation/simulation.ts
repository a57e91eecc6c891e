/** A cluster under faults, from a seed: the same seed is the same run. */
import { allFaults, moveViewers, registryFaults } from './faults.js';
import { hasMedia } from './judge.js';
import { createStage, newHost, pick, type Stage, wish } from './stage.js';

export interface Size {
  readonly nodes: number;
  readonly streams: number;
  readonly faults: number;
}

export interface Outcome {
  /** What was broken, in words. */
  readonly faults: readonly string[];
  readonly simulatedMs: number;
  /** Of the registry, by command. */
  readonly operations: ReadonlyMap<string, number>;
}

const startMs = 8000;
/** Within this after the last fault all is as it should be. */
const recoverMs = 10_000;

/** `isRegistryOnly`: nothing but the registry fails, and at the end of each failure every viewer has a picture. */
export function simulate(seed: number, size: Size, isRegistryOnly: boolean): Outcome {
  const stage = createStage(seed);
  const { schedule, judge } = stage;
  begin(stage, size);
  const sample = (): void => {
    judge.sample();
    schedule.after(500, sample);
  };
  sample();
  schedule.runUntil(startMs);
  let quietMs = schedule.nowMs;
  for (let count = 0; count < size.faults; count++) {
    const fault = pick(stage, isRegistryOnly ? registryFaults : allFaults);
    const watching = isRegistryOnly ? watchingNow(stage) : [];
    const forMs = fault?.(stage) ?? 0;
    quietMs = Math.max(quietMs, schedule.nowMs + forMs);
    if (isRegistryOnly) schedule.runUntil(schedule.nowMs + forMs);
    // Owners are fenced after 5 s: then they wait, until they have dialled anew by messages that may be late.
    if (forMs > 9000) judgeViewers(stage, watching);
    schedule.runUntil(schedule.nowMs + 6000 * stage.random());
    for (const key of keysOf(size)) if (stage.random() < 0.1) moveViewers(stage, key.name, key.isOnDemand);
    quietMs = Math.max(quietMs, schedule.nowMs);
  }
  schedule.runUntil(quietMs);
  stage.network.heal();
  schedule.runUntil(quietMs + recoverMs);
  judgeAll(stage);
  return { faults: judge.faults, simulatedMs: schedule.nowMs, operations: stage.store.operations };
}

interface Key {
  readonly name: string;
  readonly isOnDemand: boolean;
}

/** One stream of five is pulled because its viewers ask for it, and for nothing else. */
const keysOf = ({ streams }: Size): readonly Key[] =>
  Array.from({ length: streams }, (_, at) => ({ name: `s${at}`, isOnDemand: at % 5 === 4 }));

/** The first stream is watched at half of the nodes, others at three at the most. */
function begin(stage: Stage, size: Size): void {
  for (let count = 0; count < size.nodes; count++) stage.schedule.after(500 * stage.random(), () => newHost(stage));
  for (const { name, isOnDemand } of keysOf(size)) {
    if (!isOnDemand) stage.schedule.after(1000 + 2000 * stage.random(), () => wish(stage, name));
    const watched = name === 's0' ? size.nodes / 2 : Math.floor(4 * stage.random());
    for (let count = 0; count < watched; count++) {
      stage.schedule.after(1000 + 4000 * stage.random(), () => moveViewers(stage, name, isOnDemand));
    }
  }
}

interface Watching {
  readonly nodeId: string;
  readonly key: string;
}

/** Viewers of what is there to be had. */
const viewersOf = ({ hosts, store }: Stage): readonly Watching[] =>
  [...hosts.values()].flatMap(({ nodeId, streams }) =>
    [...streams.viewers.keys()]
      .filter((key) => store.wanted.has(key) || [...hosts.values()].some((host) => host.streams.knowsSource(key)))
      .map((key) => ({ nodeId, key })),
  );
const watchingNow = (stage: Stage): readonly Watching[] =>
  viewersOf(stage).filter(({ nodeId, key }) => hasMedia(stage.hosts, nodeId, key));

function judgeViewers({ hosts, judge }: Stage, watching: readonly Watching[]): void {
  for (const { nodeId, key } of watching) {
    const stillWatches = hosts.get(nodeId)?.streams.viewers.has(key) ?? false;
    if (stillWatches && !hasMedia(hosts, nodeId, key))
      judge.fault(`${nodeId} has viewers of ${key}, and no media of it`);
  }
}

function judgeAll(stage: Stage): void {
  const { hosts, judge, store, wishes, endings } = stage;
  const keys = new Set([...hosts.values()].flatMap(({ streams }) => [...streams.played.keys()]));
  for (const key of new Set([...keys, ...store.wanted.keys()])) {
    const owners = [...hosts.values()].filter(({ streams }) => streams.played.get(key)?.kind === 'own');
    const told = owners.map(({ nodeId, streams }) => `${nodeId} (${streams.played.get(key)?.epoch})`).join(', ');
    if (owners.length > 1) judge.fault(`${key} is owned by ${told}`);
    if (!store.wanted.has(key)) continue;
    const isGood = owners.some(({ streams }) => (streams.played.get(key)?.epoch ?? 0) > 0);
    if (!isGood) judge.fault(`${key} is wanted, and owned by ${told === '' ? 'nobody' : told}`);
    if (owners.some(({ isDraining }) => isDraining)) judge.fault(`${key} is owned by ${told}, which is draining`);
  }
  judgeViewers(stage, viewersOf(stage));
  for (const [key, { nodeId, atMs }] of wishes) {
    const mayBeLost = !hosts.has(nodeId) || stage.lostDataMs > atMs - 1000;
    if (!endings.has(key) && !mayBeLost && !store.wanted.has(key)) judge.fault(`${key} is not wanted any more`);
    if (atMs < startMs - 2000 && !endings.has(key) && !store.wanted.has(key))
      judge.fault(`${key} is not wanted any more`);
  }
  for (const [key, nodeId] of endings) {
    if (hosts.has(nodeId) && store.wanted.has(key))
      judge.fault(`${key} was terminated at ${nodeId}, and is wanted again`);
  }
}
