/** Many deaths in a row, and what they leave behind: no thread, no descriptor, no memory. */
import assert from 'node:assert/strict';
import { writeResult } from '../bench/report.js';
import { createRandom } from '../support/random.js';
import { whenStatus } from '../support/server/pulls.js';
import { usageOf } from '../support/server/usage.js';
import { until } from '../support/until.js';
import { type ChaosStage, setChaosStage } from './stage.js';

/** Those that a thread dies of soon; one inside node-av among them. */
const deadly = ['throw', 'throw', 'throw', 'throw', 'throwAnywhere', 'throwAnywhere', 'heap', 'hangCodec'] as const;
const warmUpShare = 0.2;
const mostMoreMb = 10;

async function kill(stage: ChaosStage, fault: string): Promise<void> {
  const [stream] = stage.streams;
  assert.ok(stream !== undefined);
  const ends = (): number => stage.sluice.log().filter(({ event }) => event === 'actor.ended').length;
  const before = ends();
  await stage.sluice.post('/api/fault', { name: stream.name, fault });
  await until('its end', () => ends() > before, 60_000);
  await whenStatus(stage.sluice, stream.name, 'PROCESSED_REMOTE', 60_000);
}

export async function killInARow(times: number, seed: number): Promise<void> {
  const random = createRandom(seed);
  const stage = await setChaosStage({ streams: 1, viewersEach: 0, inBrowsers: 0, isRecorded: false });
  const { pid } = stage.sluice.child;
  const batch = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      await kill(stage, deadly[Math.floor(random() * deadly.length)] ?? 'throw');
      if (n % 50 === 49) console.log(`  ${n + 1} of ${count}: ${JSON.stringify(usageOf(pid))}`);
    }
    return usageOf(pid);
  };
  try {
    const warm = await batch(Math.max(1, Math.round(times * warmUpShare)));
    const end = await batch(times);
    writeResult('kills', { times, seed, warm, end });
    assert.ok(end.rssMb - warm.rssMb <= mostMoreMb, `${(end.rssMb - warm.rssMb).toFixed(1)} MB more`);
    assert.ok(end.threads <= warm.threads, `${end.threads} threads, ${warm.threads} before`);
    assert.ok(end.descriptors <= warm.descriptors, `${end.descriptors} descriptors, ${warm.descriptors} before`);
  } finally {
    await stage.end();
  }
}
