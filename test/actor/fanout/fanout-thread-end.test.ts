/** However a thread ends that has a fan-out and a media port in C: their memory and their sockets are freed. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { FanoutThreadData } from '../../support/fanout/fanout-thread.js';

const viewers = 2000;
/** Contexts of ciphers and hashes, slots and the batch: what a thread that frees nothing leaves behind. */
const leftBytes = viewers * 1250 + 262_144;
const rounds = 6;
const program = new URL('../../support/fanout/fanout-thread.js', import.meta.url);

async function runThread(ending: FanoutThreadData['ending']): Promise<number> {
  const thread = new Worker(program, { workerData: { viewers, ending } satisfies FanoutThreadData });
  const ended = new Promise<number>((resolve) => thread.once('exit', resolve));
  const failed = new Promise<string>((resolve) => thread.once('error', (error) => resolve(error.message)));
  await new Promise<void>((resolve) => thread.once('message', () => resolve()));
  if (ending === 'terminate') await thread.terminate();
  if (ending === 'throw') assert.equal(await failed, 'as the test wants it');
  return ended;
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

for (const [ending, code] of [
  ['exit', 3],
  ['throw', 1],
  ['terminate', 1],
  ['return', 0],
] as const) {
  test(`a thread that ends by ${ending} with ${viewers} viewers leaves nothing behind`, async () => {
    // The first threads bring memory that stays for those after them.
    for (let n = 0; n < 3; n += 1) assert.equal(await runThread(ending), code);
    const before = { rss: process.memoryUsage.rss(), files: openFiles() };
    for (let n = 0; n < rounds; n += 1) await runThread(ending);
    assert.equal(openFiles(), before.files);
    const grownBytes = process.memoryUsage.rss() - before.rss;
    assert.ok(grownBytes < (rounds * leftBytes) / 2, `${grownBytes} bytes more after ${rounds} threads`);
  });
}
