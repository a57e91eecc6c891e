import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { prepareEngine } from '../../../src/threads/engine.js';

const collection = new URL('../../../actors/runtime/young-collection.js', import.meta.url).href;

/** Makes buffers of 2 MB that nobody holds, tells of so many bytes, and waits until memory is given back; gives whether it was. */
const script = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { arrayBuffers } = process.memoryUsage();
  const heldBytes = () => process.memoryUsage().arrayBuffers - arrayBuffers;
  import(workerData.collection).then(({ createYoungCollection }) => {
    const tell = createYoungCollection();
    for (let n = 0; n < 40; n += 1) new Uint8Array(50_000).fill(1);
    const madeBytes = heldBytes();
    for (const bytes of workerData.told) tell(bytes);
    const endMs = performance.now() + workerData.waitMs;
    const look = () => {
      const isBack = heldBytes() < madeBytes / 2;
      if (isBack || performance.now() > endMs) parentPort.postMessage(isBack);
      else setTimeout(look, 5);
    };
    look();
  });
`;

async function collects(told: readonly number[], waitMs: number): Promise<unknown> {
  const worker = new Worker(script, { eval: true, workerData: { collection, told, waitMs } });
  const [said] = await once(worker, 'message');
  await worker.terminate();
  return said;
}

test('buffers that died are given back once there is half a MB of them, and not before', async () => {
  prepareEngine();
  assert.equal(await collects([300_000, 300_000], 10_000), true);
  assert.equal(await collects([300_000], 100), false);
});
