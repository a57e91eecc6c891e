/**
 * The main thread stands still for five seconds (docs/reliability.md L4): it carries no media, so no viewer of any stream misses
 * anything, nobody is taken for hung when it turns again, and what it was asked meanwhile is answered then.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { judged } from '../support/judged.js';
import { findAll, pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startOrigin, type TestOrigin } from '../support/source/origin.js';
import { assertNoGap, type SeenRtp } from '../support/viewer/stream-viewer.js';
import { joinWhep, type WhepViewer } from '../support/viewer/whep-viewer.js';

const blockedMs = 5000;
/** One frame more than the distance of two. */
const mostGapMs = 80;
const fps = 25;

/** In the server's process, before anything else of it. */
const blocker = `
  const { isMainThread } = require('node:worker_threads');
  if (isMainThread) process.on('SIGUSR1', () => {
    const endMs = performance.now() + ${blockedMs};
    process.stderr.write('blocked\\n');
    while (performance.now() < endMs);
    process.stderr.write('free\\n');
  });`;

const names = ['first', 'second'];
const folder = mkdtempSync(join(tmpdir(), 'sluice-blocked-'));
let origin: TestOrigin;
let sluice: RunningSluice;
const viewers: WhepViewer[] = [];

before(async () => {
  const script = join(folder, 'blocker.cjs');
  writeFileSync(script, blocker);
  origin = await startOrigin();
  sluice = await startSluice([], '.', ['env', `NODE_OPTIONS=--require ${script}`]);
  for (const name of names) {
    await pull(sluice, origin.url(name), name);
    await whenStatus(sluice, name, 'PROCESSED_REMOTE');
    viewers.push(await joinWhep(`${sluice.rest}/whep/${name}`));
  }
});
after(async () => {
  for (const viewer of viewers) viewer.close();
  const code = await sluice.stop();
  await origin.close();
  rmSync(folder, { recursive: true });
  assert.equal(code, 0);
});

const freed = (): number => sluice.child.lines.filter((line) => line === 'free').length;
const longestGapMs = (packets: readonly SeenRtp[]): number =>
  Math.max(...packets.slice(1).map(({ atNs }, n) => Number(atNs - (packets[n]?.atNs ?? atNs)) / 1e6));

/** The longest gap of each viewer while the main thread stood still. */
async function block(): Promise<readonly number[]> {
  const before = freed();
  const from = viewers.map((viewer) => viewer.video().length);
  sluice.child.process.kill('SIGUSR1');
  const asked = fetch(`${sluice.rest}/healthz`);
  await sluice.child.line('it is free again', () => freed() > before, 4 * blockedMs);
  const seen = viewers.map((viewer, n) => viewer.video().slice(from[n]));
  assert.equal((await asked).status, 200);
  for (const packets of seen) assert.ok(packets.length > (blockedMs / 1000) * fps * 0.5, `${packets.length} packets`);
  return seen.map(longestGapMs);
}

test('five seconds without the main thread: no viewer misses a packet, and no thread is ended', async (t) => {
  for (const viewer of viewers) await viewer.whenVideo(2 * fps);
  const gapsMs = await judged(t, {
    measure: block,
    isGood: (found) => Math.max(...found) <= mostGapMs,
    words: (found) => `gaps of ${found.map((ms) => ms.toFixed(0)).join(' and ')} ms`,
    windows: 2,
  });
  t.diagnostic(`the longest gaps: ${gapsMs.map((ms) => ms.toFixed(0)).join(' and ')} ms`);
  // And some seconds later, when the guardian has looked again.
  for (const viewer of viewers) await viewer.whenVideo(viewer.video().length + 2 * fps);
  for (const viewer of viewers) assertNoGap(viewer.video());
  assert.deepEqual(
    sluice.log().filter(({ event }) => /condemned|ended|abandoned|lost|died/.test(event)),
    [],
  );
  assert.deepEqual(
    (await findAll(sluice)).map(({ status, localStreamName }) => `${localStreamName} ${status}`).sort(),
    names.map((name) => `${name} PROCESSED_REMOTE`),
  );
  for (const viewer of viewers.splice(0)) await viewer.leave();
});
