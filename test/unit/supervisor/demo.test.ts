import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DemoEvent } from '../../../actors/demo/contract.js';
import { settingsSchema } from '../../../src/config/schema.js';
import type { Child } from '../../../src/core/supervise/child.js';
import { startDemo } from '../../../src/supervisor/demo.js';
import type { DemoThreadOptions } from '../../../src/threads/demo-thread.js';

/** A demo with fake threads. */
function stage() {
  const starts: DemoThreadOptions[] = [];
  const ends: ((exitCode: number) => void)[] = [];
  const pending: { readonly run: () => void; readonly afterMs: number }[] = [];
  const events: string[] = [];
  const children: (() => Child)[] = [];
  let stops = 0;
  const demo = startDemo({
    settings: settingsSchema.parse({ demo: { width: 640 }, supervisor: { maxRestarts: 1 } }),
    entry: new URL('file:///demo.mjs'),
    register: (child) => children.push(child),
    log: (level, event) => void events.push(`${level} ${event}`),
    nowMs: () => 1000,
    random: () => 0,
    schedule(run, afterMs) {
      const entry = { run, afterMs };
      pending.push(entry);
      return () => void pending.splice(pending.indexOf(entry), 1);
    },
    startThread(options) {
      starts.push(options);
      return {
        state: 'running',
        vitals: { usedBytes: 1, budgetBytes: 2, lagMs: 3, cpuMs: 4 },
        ended: new Promise((resolve) =>
          ends.push((exitCode) => resolve({ cause: exitCode === 0 ? 'stopped' : 'crashed', exitCode, error: '' })),
        ),
        stop: () => {
          stops += 1;
          ends.at(-1)?.(0);
        },
      };
    },
  });
  /** Lets the promises of a thread's end settle. */
  const end = async (exitCode: number): Promise<void> => {
    ends.at(-1)?.(exitCode);
    await new Promise(setImmediate);
  };
  const say = (event: DemoEvent): void => starts.at(-1)?.onEvent(event);
  return { demo, starts, pending, events, end, say, stops: () => stops, child: () => children[0]?.() };
}

test('the demo is up once its thread reports its port', async () => {
  const { demo, starts, say } = stage();
  say({ kind: 'up', port: 4711 });
  assert.equal((await demo)?.uri, 'rtmp://127.0.0.1:4711/live/demo');
  assert.deepEqual(starts[0]?.boot, { port: 0, width: 640, height: 720, fps: 30 });
});

test('a demo that cannot start gives a warning and is not started again', async () => {
  const { demo, pending, events, say, end } = stage();
  say({ kind: 'failed', code: 'media.unavailable', detail: 'linux-arm' });
  await end(0);
  assert.equal(await demo, null);
  assert.deepEqual(events, ['warn demo.failed', 'warn demo.unavailable']);
  assert.equal(pending.length, 0);
});

test('a thread that dies is restarted on the same port, with a back-off when it keeps dying', async () => {
  const { starts, pending, say, end, child } = stage();
  say({ kind: 'up', port: 4711 });
  assert.deepEqual([child()?.state, child()?.restarts, child()?.memory?.usedBytes], ['running', 0, 1]);
  await end(1);
  assert.equal(pending[0]?.afterMs, 0);
  assert.deepEqual([child()?.state, child()?.lastEnd?.cause, child()?.memory], ['restarting', 'crashed', null]);
  assert.ok((child()?.nextTryAtMs ?? 0) > 0);
  pending[0]?.run();
  assert.deepEqual([child()?.state, child()?.restarts, child()?.nextTryAtMs], ['running', 1, null]);
  assert.equal(starts[1]?.boot.port, 4711);
  say({ kind: 'up', port: 4711 });
  await end(1);
  assert.equal(pending[1]?.afterMs, 60_000);
});

test('stop ends the thread, which is not restarted', async () => {
  const { demo, pending, say, stops } = stage();
  say({ kind: 'up', port: 4711 });
  await (await demo)?.stop();
  assert.equal(stops(), 1);
  assert.equal(pending.length, 0);
});

test('stop cancels a pending restart', async () => {
  const { demo, pending, say, end } = stage();
  say({ kind: 'up', port: 4711 });
  await end(1);
  assert.equal(pending.length, 1);
  await (await demo)?.stop();
  assert.equal(pending.length, 0);
});
