/**
 * `npm run test:cluster -- [scenario ...]`: three nodes on hosts of their own (network namespaces), redis-server, live sources,
 * viewers and Chromium; what may happen to them, one by one, with the figures. Fails beyond a goal.
 */
import { writeResult } from '../bench/report.js';
import { inHub } from '../support/network/hosts.js';
import {
  linkDown,
  nodeFull,
  ownerDrained,
  ownerKilled,
  ownerPaused,
  registryFlushed,
  registryGone,
  rollingRestart,
  type Scenario,
} from './failures.js';
import { createFigures, printFigures } from './figures.js';
import { pullAll, whenOwned } from './looks.js';
import { edgeDelay, linkCost, manyViewers } from './measures.js';
import { streams } from './scene.js';
import { nodeNames, openClusterStage } from './stage.js';

const scenarios: Readonly<Record<string, Scenario>> = {
  delay: edgeDelay,
  killed: ownerKilled,
  paused: ownerPaused,
  link: linkDown,
  registry: registryGone(false),
  forgotten: registryGone(true),
  flushed: registryFlushed,
  drained: ownerDrained,
  full: nodeFull,
  rolling: rollingRestart,
  cost: linkCost,
  many: manyViewers,
};

const logFolder = '.build/cluster';

async function run(names: readonly string[]): Promise<number> {
  const chosen = names.length === 0 ? Object.keys(scenarios) : names;
  const failures: string[] = [];
  const rows: unknown[] = [];
  const stage = await openClusterStage();
  try {
    await pullAll(stage, streams);
    await whenOwned(stage.nodes, streams);
    for (const name of chosen) {
      const scenario = scenarios[name];
      if (scenario === undefined)
        throw new Error(`no scenario ${name}: there are ${Object.keys(scenarios).join(', ')}`);
      const figures = createFigures(name);
      await scenario(stage, figures);
      printFigures(figures);
      rows.push(...figures.rows);
      failures.push(...figures.failures);
    }
  } catch (error) {
    failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    console.error(`the logs of the nodes: ${logFolder}`);
  } finally {
    stage.keepLogs(logFolder);
    await stage.end();
  }
  writeResult('cluster', { rows, failures });
  for (const failure of failures) console.error(`FAILED ${failure}`);
  return failures.length === 0 ? 0 : 1;
}

process.exit((await inHub(nodeNames)) ?? (await run(process.argv.slice(2))));
