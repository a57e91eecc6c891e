/** The main thread does nothing for 5 s (docs/reliability.md L4): no stream has a gap, and what waited is answered. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { judged } from '../support/judged.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { startOrigin } from '../support/source/origin.js';
import { until } from '../support/until.js';
import { assertNoGap, longestGapMs } from '../support/viewer/stream-viewer.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

const blockedMs = 5000;
const frameMs = 40;
const names = ['first', 'second'];

/** By the inspector, which Node opens in the main thread at SIGUSR1. What is given blocks it, and resolves when that is over. */
async function mainThreadOf({ child }: RunningSluice): Promise<() => Promise<void>> {
  child.process.kill('SIGUSR1');
  const told = await child.line('the inspector', (line) => line.startsWith('Debugger listening on ws://'));
  const inspector = new WebSocket(told.replace('Debugger listening on ', ''));
  await once(inspector, 'open');
  const expression = `{ const endMs = Date.now() + ${blockedMs}; while (Date.now() < endMs); }`;
  return async () => {
    const answered = once(inspector, 'message');
    inspector.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
    await answered;
  };
}

test('while the main thread is blocked for 5 s no stream has a gap, and afterwards everybody is still there', async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.close());
  const sluice = await startSluice([], '.', ['env', 'NODE_OPTIONS=--inspect-port=127.0.0.1:0']);
  t.after(() => sluice.stop());
  for (const name of names) {
    await pull(sluice, origin.url(name), name);
    await whenStatus(sluice, name, 'PROCESSED_REMOTE');
  }
  const viewers = await Promise.all(names.map((name) => joinWhep(`${sluice.rest}/whep/${name}`)));
  t.after(() => Promise.all(viewers.map((viewer) => viewer.close())));
  for (const viewer of viewers) await viewer.whenVideo(25);
  const page = await openWebSocket(sluice.signalling);
  page.sendJson({ message: 'connection', data: [{ appKey: 'defaultApp' }] });
  await page.nextMessage('getUserData');
  const block = await mainThreadOf(sluice);

  await judged(t, {
    async measure() {
      const from = viewers.map((viewer) => viewer.video().length - 1);
      const over = block();
      // What is asked meanwhile waits, and is answered.
      const asked = fetch(`${sluice.rest}/healthz`);
      await over;
      assert.equal((await asked).status, 200);
      const seen = viewers.map((viewer, n) => viewer.video().slice(from[n]));
      return {
        pauseMs: Math.max(...seen.map((packets) => longestGapMs(packets))),
        least: Math.min(...seen.map(({ length }) => length)),
      };
    },
    // Each packet is a frame of this source: one after the other, and the next one a frame late at most.
    isGood: ({ pauseMs, least }) => pauseMs <= 2 * frameMs && least >= (blockedMs / frameMs) * 0.95,
    words: ({ pauseMs, least }) => `a pause of ${pauseMs.toFixed(0)} ms; ${least} frames in ${blockedMs} ms`,
    windows: 1,
  });
  for (const viewer of viewers) assertNoGap(viewer.video());
  page.sendJson({ message: 'availableStream', data: [{ mediaSessionId: 'm', name: 'first' }] });
  assert.deepEqual((await page.nextMessage('availableStream')).data, [{ id: 'm', status: 'true' }]);
  // Nobody is let in while the loop is late by viewers.maxLoopLagMs on the average.
  const late = await until('a newcomer is let in', () => joinWhep(`${sluice.rest}/whep/first`).catch(() => undefined));
  t.after(() => late.close());
  await late.whenVideo(10);
  const events = sluice.log().map(({ event }) => event);
  assert.deepEqual(
    events.filter((event) => /condemned|actor\.ended|viewer\.ended|hung|crash/.test(event)),
    [],
  );
});
