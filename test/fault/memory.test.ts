/**
 * Memory that grows without an end, in every shape: the thread that takes it is ended, by its own budget where its event loop turns,
 * by the watchdog or the ceiling of the process where it does not; never is it the process that ends.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Child } from '../../src/core/supervise/child.js';
import { type MemoryFault, memoryFaults } from '../../src/core/supervise/faults.js';
import type { Supervision } from '../../src/core/supervise/supervision.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type LogLine, type RunningSluice, startSluice } from '../support/server/sluice.js';
import { usageOf } from '../support/server/usage.js';
import { startOrigin, type TestOrigin } from '../support/source/origin.js';

const budgetMb = 64;
const ceilingMb = 2000;
/** 5 MB a second from some 15 MiB to the budget, on a machine that others use too. */
const leakMs = 60_000;

const ofBudget: readonly MemoryFault[] = ['arrayBuffers', 'leak'];

let origin: TestOrigin;
let sluice: RunningSluice;

const endOf = (on: RunningSluice, name: string, timeoutMs?: number): Promise<LogLine> =>
  on.logged('actor.ended', timeoutMs, (line) => line.name === name);

async function start(flags: readonly string[]): Promise<RunningSluice> {
  const started = await startSluice(['--supervisor.maxRestarts=1000', '--supervisor.spareThreads=0', ...flags]);
  await pull(started, origin.url('neighbour'), 'neighbour');
  await whenStatus(started, 'neighbour', 'PROCESSED_REMOTE');
  return started;
}

async function breakDown(on: RunningSluice, fault: MemoryFault): Promise<void> {
  await pull(on, origin.url(fault), fault);
  await whenStatus(on, fault, 'PROCESSED_REMOTE');
  assert.equal((await on.post('/api/fault', { name: fault, fault })).status, 200);
}

async function assertNeighbourLives(on: RunningSluice): Promise<void> {
  assert.equal((await statsOf(on, 'neighbour')).reconnects, 0);
  assert.deepEqual(
    on.log().filter(({ event, name }) => event === 'actor.ended' && name === 'neighbour'),
    [],
  );
}

/** As the tree of threads shows it. */
async function childOf(on: RunningSluice, name: string): Promise<Child> {
  const tree: Supervision = JSON.parse(await (await fetch(`${on.rest}/api/supervision`)).text());
  return tree.children.find((child) => child.kind === 'stream' && child.name === name) ?? assert.fail(name);
}

before(async () => {
  origin = await startOrigin();
  sluice = await start([`--supervisor.threadMemoryMb=${budgetMb}`, `--supervisor.processMemoryMb=${ceilingMb}`]);
  // It takes its time: the others are broken meanwhile.
  await breakDown(sluice, 'leak');
});
after(async () => {
  const code = await sluice.stop();
  await origin.close();
  assert.equal(code, 0, 'the server ends in order');
});

for (const fault of [...memoryFaults.filter((one) => one !== 'leak'), 'leak'] as const) {
  test(`${fault}: the thread alone is ended, and its stream is back`, { timeout: 2 * leakMs }, async (t) => {
    if (fault !== 'leak') await breakDown(sluice, fault);
    const { cause, error, lifeMs } = await endOf(sluice, fault, leakMs);
    t.diagnostic(`${cause} after ${lifeMs} ms: ${error}; ${Math.round(usageOf(sluice.child.pid).rssMb)} MiB resident`);
    const spared = sluice.log().filter(({ event, name }) => event === 'actor.memory' && name === fault);
    // A thread that grows slowly gives up what is costly first.
    if (fault === 'leak')
      assert.deepEqual(
        spared.map(({ isSparing }) => isSparing),
        [true],
      );
    if (ofBudget.includes(fault)) assert.match(`${cause} ${error}`, /^memory it held \d+ of 64 MiB$/);
    else assert.match(String(cause), /^(hung|memory)$/);
    await whenStatus(sluice, fault, 'PROCESSED_REMOTE');
    await assertNeighbourLives(sluice);
    assert.equal((await childOf(sluice, fault)).lastEnd?.cause, cause);
    await sluice.post('/rest-api/pull/rtmp/terminate', { uri: origin.url(fault) });
  });
}

test('at the ceiling of the process the largest thread is ended, whatever its budget is', async (t) => {
  const server = await start(['--supervisor.threadMemoryMb=4096', '--supervisor.processMemoryMb=700']);
  t.after(() => server.stop());
  await breakDown(server, 'arrayBuffers');
  const { ends } = await server.logged('process.memoryHigh');
  assert.equal(ends, 'arrayBuffers');
  assert.equal((await endOf(server, 'arrayBuffers')).cause, 'memory');
  await whenStatus(server, 'arrayBuffers', 'PROCESSED_REMOTE');
  await assertNeighbourLives(server);
  assert.equal(await server.stop(), 0);
});
