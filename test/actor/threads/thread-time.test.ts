import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { ownTid } from '../../../actors/runtime/beat.js';
import { beatBlockBytes, beatWords } from '../../../src/core/supervise/beat-block.js';
import { readThreadTime } from '../../../src/threads/thread-time.js';
import { until } from '../../support/until.js';

test('of the own thread the kernel says how long it ran', () => {
  const startMs = performance.now();
  const before = readThreadTime(ownTid());
  assert.ok(before !== null);
  const loopMs = performance.now();
  while (performance.now() < loopMs + 100); // Time that is the thread's own, or waited for.
  const loopedMs = performance.now() - loopMs;
  const after = readThreadTime(ownTid());
  const tookMs = performance.now() - startMs;
  assert.ok(after !== null);
  const spentMs = after.ranMs + after.waitedMs - before.ranMs - before.waitedMs;
  // The kernel counts by its ticks: up to 10 ms.
  assert.ok(spentMs >= loopedMs - 10 && spentMs <= tookMs + 10, `${spentMs} ms in ${loopedMs} to ${tookMs} ms`);
  assert.ok(after.ranMs > before.ranMs);
  assert.equal(after.state, 'waiting', 'it runs, for the kernel as for us');
});

test('a thread that waits for events in its own event loop rests', async (t) => {
  const block = new SharedArrayBuffer(beatBlockBytes);
  const words = new Int32Array(block);
  const worker = new Worker(new URL('../../support/media/native-caller.js', import.meta.url), { workerData: block });
  t.after(() => worker.terminate());
  await once(worker, 'message');
  const [tid, loop] = [Atomics.load(words, beatWords.tid), Atomics.load(words, beatWords.loop) - 1];
  await until('it rests', () => readThreadTime(tid, loop)?.state === 'resting');
  await until('it sleeps, in a loop that is not known', () => readThreadTime(tid)?.state === 'asleep');
});

test('a thread that sleeps is asleep, and one that has ended is gone', async (t) => {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    parentPort.postMessage(Number(require('node:fs').readlinkSync('/proc/thread-self').split('/').at(-1)));
    Atomics.wait(new Int32Array(workerData), 0, 0);`;
  const memory = new SharedArrayBuffer(4);
  const worker = new Worker(source, { eval: true, workerData: memory });
  t.after(() => worker.terminate());
  const [tid] = await once(worker, 'message');
  await until('it sleeps', () => readThreadTime(Number(tid))?.state === 'asleep');
  Atomics.notify(new Int32Array(memory), 0);
  await once(worker, 'exit');
  await until('it is gone', () => readThreadTime(Number(tid))?.state === 'gone');
});
