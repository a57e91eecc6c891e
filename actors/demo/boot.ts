/** Entry of the demo's thread: camera and RTMP origin, apart from the main thread and from every stream's. */
import { parentPort, workerData } from 'node:worker_threads';
import { SluiceError } from '../../src/errors.js';
import { loadNativeAv } from '../media/native.js';
import { createBeat } from '../runtime/beat.js';
import { createThreadClock } from '../runtime/clock.js';
import type { DemoBoot, DemoEvent, DemoOrder } from './contract.js';
import { openStation, type Station } from './station.js';

const boot: DemoBoot = workerData;
const beat = createBeat(boot.beat);
const { wallMs } = createThreadClock();
const post = (event: DemoEvent): void => parentPort?.postMessage(event);

async function begin(): Promise<void> {
  try {
    const av = await beat.loading(() => loadNativeAv(beat.guard));
    listen(await openStation({ ...boot, av, guard: beat.guard, wallMs }));
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    post({ kind: 'failed', code: error.code, detail: error.detail });
  }
}

/** The port to the main thread is what keeps this one alive, once the station is closed. */
function listen(station: Station): void {
  parentPort?.on('message', async (_order: DemoOrder) => {
    await station.close();
    parentPort?.close();
  });
  post({ kind: 'up', port: station.port });
}

void begin();
