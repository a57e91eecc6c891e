import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { findActorFile } from '../../../src/threads/blank-thread.js';

/** What the thread does with its stream is this script; it ends when it was given one, or none. */
const script = `require('node:worker_threads').parentPort.once('message', () => {});`;

/** Runs a thread that was given this; gives the scripts whose code it has left. */
async function leftBy(t: TestContext, boot: { readonly loadsAhead: boolean }, stream: unknown): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-thread-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [thread, entry] = [join(folder, 'thread.cjs'), join(folder, 'stream.cjs')];
  copyFileSync(fileURLToPath(new URL('thread.cjs', findActorFile())), thread);
  writeFileSync(entry, script);
  const worker = new Worker(thread, {
    workerData: { entry, ...boot },
    env: { ...process.env, SLUICE_CODE_AT_END: '1' },
  });
  worker.postMessage(stream);
  await once(worker, 'exit');
  return readdirSync(folder)
    .filter((name) => name.startsWith('code-'))
    .flatMap((name) => readdirSync(join(folder, name)));
}

test('a thread leaves the code of its scripts, a spare one only when it was given a stream', async (t) => {
  assert.deepEqual(await leftBy(t, { loadsAhead: false }, {}), ['stream.cjs']);
  assert.deepEqual(await leftBy(t, { loadsAhead: true }, {}), ['stream.cjs']);
  assert.deepEqual(await leftBy(t, { loadsAhead: true }, null), []);
});
