/** A server that really pulls so many streams, each in its thread: of a source that shows each of them one small frames per second. */
import { readFileSync } from 'node:fs';
import { findAll, pull } from '../../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../../support/server/sluice.js';
import { until } from '../../support/until.js';
import { startOrigin } from '../origin.js';

const frameMs = 1000;
/** Threads that start take what there is of the machine: this many a second on the slowest one that was met. */
const startsPerSecond = 4;

export interface PulledStreams {
  readonly sluice: RunningSluice;
  readonly port: number;
  /** CPU time of the main thread so far, in ms, by the kernel's account. */
  mainCpuMs(): number;
  stop(): Promise<void>;
}

export async function pullStreams(count: number): Promise<PulledStreams> {
  const origin = await startOrigin(frameMs);
  const sluice = await startSluice();
  const stop = async (): Promise<void> => {
    await sluice.stop();
    await origin.stop();
  };
  try {
    for (let n = 0; n < count; n += 1) {
      const { status } = await pull(sluice, origin.url(`cam${n}`), `cam${n}`);
      if (status !== 200) throw new Error(`pull answered ${status}`);
    }
    const flow = async (): Promise<boolean> =>
      (await findAll(sluice)).filter(({ status }) => status === 'PROCESSED_REMOTE').length === count;
    await until(`${count} streams flow`, flow, 15_000 + (count * 1000) / startsPerSecond);
  } catch (error) {
    await stop();
    throw error;
  }
  const { pid } = sluice.child;
  return {
    sluice,
    stop,
    port: Number(new URL(sluice.rest).port),
    mainCpuMs: () => Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6,
  };
}
