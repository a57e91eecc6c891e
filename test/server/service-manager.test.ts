/** What a service of Type=notify says, by real datagrams to a unix socket. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createServiceManager } from '../../src/parent/service-manager.js';
import { nativeThreads } from '../../src/threads/native/native-threads.js';
import { startNotifySocket } from '../support/server/notify-socket.js';

const notify = nativeThreads()?.notify ?? null;

function stage(t: TestContext, env: Readonly<Record<string, string>>) {
  const errors: unknown[] = [];
  const log = (_level: string, event: string, fields: unknown): void => void errors.push([event, fields]);
  const manager = createServiceManager({ env, pid: 4711, notify, log, nowMs: () => 12.3456 });
  t.after(manager.stopping);
  return { manager, errors };
}

for (const isAbstract of [false, true]) {
  test(`it is told of start, reload and end, at ${isAbstract ? 'an abstract name' : 'a path'}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-notify-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = isAbstract ? `@sluice-notify-${process.pid}` : join(folder, 'notify');
    const { line } = await startNotifySocket(t, path);
    const { manager, errors } = stage(t, { NOTIFY_SOCKET: path });
    manager.ready('serving');
    await line('READY=1 STATUS=serving');
    manager.reloading();
    await line('RELOADING=1 MONOTONIC_USEC=12346');
    manager.stopping();
    await line('STOPPING=1');
    assert.deepEqual(errors, []);
  });
}

test('where the unit has WatchdogSec, the main thread says at half of it that it turns', async (t) => {
  const path = `@sluice-watchdog-${process.pid}`;
  const { line } = await startNotifySocket(t, path);
  const { manager } = stage(t, { NOTIFY_SOCKET: path, WATCHDOG_USEC: '40000', WATCHDOG_PID: '4711' });
  manager.ready('serving');
  await line('WATCHDOG=1');
});

test('without a service manager nothing is said, and one that is not there is an error of the log', (t) => {
  const without = stage(t, {});
  without.manager.ready('serving');
  assert.deepEqual(without.errors, []);
  const gone = stage(t, { NOTIFY_SOCKET: '/nonexistent/notify' });
  gone.manager.ready('serving');
  assert.match(JSON.stringify(gone.errors), /service\.notNotified.*READY=1/);
});
