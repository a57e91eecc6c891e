/** A cluster under faults, from a seed: the same seed is the same run. */
import { isSuspect, pauseMs, trialMs } from '../../src/core/cluster/quarantine.js';
import { allFaults, registryFaults } from './faults.js';
import { hasMedia } from './judge.js';
import { createStage, pick, type Stage } from './stage.js';
import { begin, keysOf, moveViewers, type Size } from './users.js';

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
/** In which a link is moved to another parent, by messages that are in time. */
const dialMs = 100;

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
  const suspects = suspectsOf(stage);
  judgeAll(stage, new Set(suspects.keys()));
  if (suspects.size > 0) {
    schedule.runUntil(schedule.nowMs + quarantineMs(suspects) + recoverMs);
    judgeAll(stage, new Set());
  }
  return { faults: judge.faults, simulatedMs: schedule.nowMs, operations: stage.store.operations };
}

interface Watching {
  readonly nodeId: string;
  readonly key: string;
}

/** Viewers of what is there to be had. */
function viewersOf({ hosts, store }: Stage): readonly Watching[] {
  const all = [...hosts.values()].flatMap(({ nodeId, streams }) =>
    [...streams.viewers.keys()].map((key) => ({ nodeId, key, knowsSource: streams.knowsSource(key) })),
  );
  const known = new Set(all.filter(({ knowsSource }) => knowsSource).map(({ key }) => key));
  return all.filter(({ key }) => store.wanted.has(key) || known.has(key));
}
const watchingNow = (stage: Stage): readonly Watching[] =>
  viewersOf(stage).filter(({ nodeId, key }) => hasMedia(stage.hosts, nodeId, key));

/** Those that so many nodes died with, by no fault of theirs, that they are tried one by one before they play again. */
const suspectsOf = ({ judge }: Stage): ReadonlyMap<string, number> =>
  new Map([...judge.deaths()].filter(([, count]) => isSuspect(count)));

function quarantineMs(suspects: ReadonlyMap<string, number>): number {
  const deaths = Math.max(...suspects.values());
  return pauseMs(deaths) + suspects.size * trialMs(deaths);
}

function judgeViewers({ hosts, judge, schedule }: Stage, watching: readonly Watching[]): void {
  const without = (): readonly Watching[] =>
    watching.filter(
      ({ nodeId, key }) => hosts.get(nodeId)?.streams.viewers.has(key) === true && !hasMedia(hosts, nodeId, key),
    );
  // A node that has just read of a better parent takes it from there: it is dialling, or one above it is.
  if (without().length > 0) schedule.runUntil(schedule.nowMs + dialMs);
  for (const { nodeId, key } of without()) judge.fault(`${nodeId} has viewers of ${key}, and no media of it`);
}

/** Of all streams but these. */
function judgeAll(stage: Stage, but: ReadonlySet<string>): void {
  const { hosts, judge, store, wishes, endings } = stage;
  const keys = new Set([...hosts.values()].flatMap(({ streams }) => [...streams.played.keys()]));
  for (const key of new Set([...keys, ...store.wanted.keys()])) {
    const owners = [...hosts.values()].filter(({ streams }) => streams.played.get(key)?.kind === 'own');
    const told = owners.map(({ nodeId, streams }) => `${nodeId} (${streams.played.get(key)?.epoch})`).join(', ');
    if (owners.length > 1) judge.fault(`${key} is owned by ${told}`);
    if (!store.wanted.has(key) || but.has(key)) continue;
    const isGood = owners.some(({ streams }) => (streams.played.get(key)?.epoch ?? 0) > 0);
    if (!isGood) judge.fault(`${key} is wanted, and owned by ${told === '' ? 'nobody' : told}`);
    if (owners.some(({ isDraining }) => isDraining)) judge.fault(`${key} is owned by ${told}, which is draining`);
  }
  judgeViewers(
    stage,
    viewersOf(stage).filter(({ key }) => !but.has(key)),
  );
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
