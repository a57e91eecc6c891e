/** Many deaths in a row, and what they leave behind: no thread, no descriptor, no memory; and viewers who saw all of them. */
import assert from 'node:assert/strict';
import { writeResult } from '../bench/report.js';
import { createRandom } from '../support/random.js';
import { whenStatus } from '../support/server/pulls.js';
import type { LogLine } from '../support/server/sluice.js';
import { type Usage, usageOf } from '../support/server/usage.js';
import { until } from '../support/until.js';
import { isSeenAgain } from './feel.js';
import { type ChaosStage, type ChaosStream, setChaosStage } from './stage.js';

/** Of so many deaths each, the shares of their kinds; those inside node-av burn a core for 10 s, given up or not. */
const deadly = [
  ...new Array<string>(12).fill('throw'),
  ...new Array<string>(10).fill('throwAnywhere'),
  ...['hang', 'hangPromise', 'hangRegExp', 'hangWait', 'heap', 'heapStrings', 'buffers', 'arrayBuffers', 'hangCodec'],
];
/** A machine that others use finds an endless loop, or a heap that is filled, late. */
const endMs = 300_000;
/** What is left of a native call, at the lowest priority, on a machine that others use. */
const abandonedMs = 300_000;
const mostMoreMb = 10;
/**
 * What a thread held goes back to the system by and by, and a thread of the pool waits 30 s for another job: the least of so many looks,
 * a second apart, is what is kept.
 */
const looks = 40;
const lookMs = 1000;

/** So many threads that cannot be ended are fewer than those for which the process ends itself. */
const mostStuck = 6;

async function stuckThreads({ sluice }: ChaosStage): Promise<number> {
  const metrics = await (await fetch(`${sluice.rest}/metrics`)).text();
  return Number(/^sluice_threads_stuck (\d+)$/m.exec(metrics)?.[1] ?? assert.fail('no count of stuck threads'));
}

async function kill(stage: ChaosStage, { name }: ChaosStream, fault: string): Promise<void> {
  const { sluice } = stage;
  if (fault === 'hangCodec') {
    await until('few threads are stuck', async () => (await stuckThreads(stage)) < mostStuck, abandonedMs);
  }
  const since = sluice.child.lines.length;
  const { status } = await sluice.post('/api/fault', { name, fault });
  assert.equal(status, 200, `${fault} at ${name}`);
  const isEnd = (line: LogLine): boolean => line.event === 'actor.ended' && line.name === name;
  await until(`${fault} ends ${name}`, () => sluice.log(since).some(isEnd), endMs);
  await whenStatus(sluice, name, 'PROCESSED_REMOTE', endMs);
}

/** The deaths of several streams overlap. */
async function killAll(stage: ChaosStage, count: number, choose: () => string): Promise<void> {
  let left = count;
  let done = 0;
  const beganMs = performance.now();
  const work = async (stream: ChaosStream): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await kill(stage, stream, choose());
      done += 1;
      if (done % 50 !== 0) continue;
      const { rssMb, threads, descriptors } = usageOf(stage.sluice.child.pid);
      const each = Math.round((performance.now() - beganMs) / done);
      console.log(
        `  ${done} of ${count}, ${each} ms each: ${rssMb.toFixed(0)} MB, ${threads} threads, ${descriptors} files`,
      );
    }
  };
  await Promise.all(stage.streams.map(work));
}

/** Once nobody is on the way out any more. */
async function usageAtRest(stage: ChaosStage): Promise<Usage> {
  const { sluice } = stage;
  await until('abandoned threads are gone', async () => (await stuckThreads(stage)) === 0, abandonedMs);
  let least = usageOf(sluice.child.pid);
  for (let look = 1; look < looks; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    const now = usageOf(sluice.child.pid);
    least = {
      ...now,
      rssMb: Math.min(least.rssMb, now.rssMb),
      threads: Math.min(least.threads, now.threads),
      descriptors: Math.min(least.descriptors, now.descriptors),
    };
  }
  return least;
}

async function assertAllSee({ streams }: ChaosStage): Promise<void> {
  const viewers = streams.flatMap((stream) => stream.viewers);
  const again = await Promise.all(viewers.map((viewer) => isSeenAgain(viewer, viewer.video().length)));
  assert.ok(
    again.every((isBack) => isBack),
    `of ${again.length} viewers ${again.filter((isBack) => !isBack).length} were lost`,
  );
}

/** Half of the deaths is the warm-up of the other. */
export async function killInARow(times: number, seed: number): Promise<void> {
  console.log(`seed ${seed}, ${times} deaths`);
  const random = createRandom(seed);
  const choose = (): string => deadly[Math.floor(random() * deadly.length)] ?? 'throw';
  const stage = await setChaosStage({ viewers: [0, 1, 1, 2], inBrowsers: 0, isRecorded: false });
  try {
    await killAll(stage, Math.ceil(times / 2), choose);
    const warm = await usageAtRest(stage);
    await killAll(stage, Math.floor(times / 2), choose);
    const end = await usageAtRest(stage);
    await assertAllSee(stage);
    const ends = stage.sluice.log().filter(({ event }) => event === 'actor.ended').length;
    console.log(JSON.stringify({ warm, end, ends }));
    writeResult('kills', { times, seed, warm, end, ends });
    assert.equal(ends, times, 'nobody else has ended');
    assert.ok(end.rssMb - warm.rssMb <= mostMoreMb, `${(end.rssMb - warm.rssMb).toFixed(1)} MB more`);
    assert.ok(end.threads <= warm.threads, `${end.threads} threads, ${warm.threads} before`);
    assert.ok(end.descriptors <= warm.descriptors, `${end.descriptors} descriptors, ${warm.descriptors} before`);
  } finally {
    await stage.end();
  }
}
