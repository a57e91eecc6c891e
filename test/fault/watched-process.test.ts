/** Processes beside the server that hang: the guardian judges them by the kernel's account, and SIGKILL ends them wherever they are. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { monotonicMs } from '../../src/clock.js';
import { createGuardian } from '../../src/threads/guardian.js';
import { startWatchedProcess } from '../../src/threads/watched-process.js';
import { within } from '../support/until.js';

const hangs = [
  { what: 'loops for ever', code: 'for (;;);' },
  { what: 'waits for ever', code: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);' },
];

for (const { what, code } of hangs) {
  test(`a process that ${what} is killed, and one that beats lives on`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-process-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const logged: string[] = [];
    const guardian = createGuardian({
      hangMs: 500,
      stopMs: 500,
      nowMs: monotonicMs,
      log: (_level, event, fields) => logged.push(`${event} ${fields?.name}`),
      memory: null,
      onEscalation: () => assert.fail('a process can be ended'),
    });
    t.after(() => guardian.close());
    const start = (name: string, then: string) => {
      const file = join(folder, `${name}.cjs`);
      writeFileSync(
        file,
        `process.on('disconnect', () => process.exit()); setInterval(() => process.send({ usedBytes: 1, lagMs: 0 }), 100);${then}`,
      );
      const started = startWatchedProcess({ entry: pathToFileURL(file), memoryMb: 0 });
      guardian.add(started, name);
      return started;
    };
    const living = start('living', '');
    const hanging = start('hanging', `setTimeout(() => { ${code} }, 400);`);
    assert.deepEqual(await within('its end', hanging.gone, 20_000), {
      exitCode: -1,
      error: 'SIGKILL',
      condemnedBy: 'hung',
    });
    assert.deepEqual(logged, ['actor.condemned hanging']);
    assert.equal(guardian.threads, 1);
    living.stopping();
    assert.deepEqual(await within('the end of the other', living.gone, 20_000), {
      exitCode: -1,
      error: 'SIGKILL',
      condemnedBy: 'overdue',
    });
  });
}
