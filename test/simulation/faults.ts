/** What goes wrong in a simulation: each fault says for how long. */
import { registry } from './network.js';
import { between, pick, type Stage, wish, working } from './stage.js';

function crash(stage: Stage): number {
  const host = pick(stage, working(stage));
  if (host === undefined || stage.hosts.size < 3) return 0;
  stage.crash(host.nodeId);
  return 0;
}

function pause(stage: Stage): number {
  const forMs = between(stage, 3000, 20_000);
  const host = pick(stage, working(stage));
  host?.pause(forMs);
  // Those who take a stream from it notice that nothing comes.
  if (host !== undefined) closeLinks(stage, 3000, host.nodeId, () => host.isPaused);
  return forMs;
}

function closeLinks(stage: Stage, afterMs: number, parentId: string, isStill: (childId: string) => boolean): void {
  stage.schedule.after(afterMs, () => {
    for (const { nodeId, streams } of stage.hosts.values()) {
      if (isStill(nodeId)) for (const key of streams.played.keys()) streams.linkClosed(key, parentId);
    }
  });
}

function cutFromRegistry(stage: Stage): number {
  const forMs = between(stage, 3000, 15_000);
  const host = pick(stage, [...stage.hosts.values()]);
  if (host === undefined) return 0;
  stage.network.cut(host.nodeId, registry, forMs, stage.schedule);
  stage.schedule.after(forMs, () => host.reconnect());
  return forMs;
}

function cutHosts(stage: Stage): number {
  const forMs = between(stage, 3000, 15_000);
  const one = pick(stage, [...stage.hosts.values()]);
  if (one === undefined) return 0;
  for (const other of [...stage.hosts.values()].filter((host) => host !== one && stage.random() < 0.5)) {
    stage.network.cut(one.nodeId, other.nodeId, forMs, stage.schedule);
    closeLinks(stage, 2000, one.nodeId, (id) => stage.network.isCut(id, one.nodeId));
    closeLinks(stage, 2000, other.nodeId, (id) => stage.network.isCut(id, other.nodeId));
  }
  return forMs;
}

/** `lose`: it starts again with an old copy, or with nothing. */
function stopRegistry(stage: Stage, lose: boolean): number {
  const forMs = lose ? between(stage, 500, 5000) : between(stage, 3000, 20_000);
  const { store, schedule } = stage;
  if (store.isDown) return 0;
  store.isDown = true;
  schedule.after(forMs, () => {
    store.isDown = false;
    if (lose) {
      stage.lostDataMs = schedule.nowMs;
      store.restart(stage.random() < 0.5 ? stage.copy : null);
    }
    for (const host of stage.hosts.values()) host.reconnect();
  });
  return forMs;
}

/** Its data are deleted while it runs, and nobody notices by a connection. */
function flush(stage: Stage): number {
  if (stage.store.isDown) return 0;
  stage.lostDataMs = stage.schedule.nowMs;
  stage.store.restart(null);
  return 0;
}

function drain(stage: Stage): number {
  const host = pick(stage, working(stage));
  if (host === undefined || stage.hosts.size < 4) return 0;
  host.drain();
  stage.schedule.after(12_000, () => host.kill());
  return 12_000;
}

function newWish(stage: Stage): number {
  wish(stage, `late${stage.wishes.size}`);
  return 0;
}

function terminate(stage: Stage): number {
  const key = pick(
    stage,
    [...stage.wishes.keys()].filter((one) => !stage.endings.has(one)),
  );
  const host = pick(stage, working(stage));
  if (key === undefined || host === undefined || !host.known.wanted.some((one) => one.key === key)) return 0;
  stage.endings.set(key, host.nodeId);
  stage.judge.terminated(key);
  host.on({ kind: 'unwant', key });
  return 0;
}

/** Of the registry alone. */
export const registryFaults = [
  (stage: Stage) => stopRegistry(stage, false),
  (stage: Stage) => stopRegistry(stage, true),
  flush,
];

export const allFaults: readonly ((stage: Stage) => number)[] = [
  ...registryFaults,
  crash,
  crash,
  pause,
  pause,
  cutFromRegistry,
  cutFromRegistry,
  cutHosts,
  drain,
  newWish,
  terminate,
];
